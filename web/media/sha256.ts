/** SHA-256 (FIPS 180-4) of bytes that come piece by piece, which the browser's own cannot do. Pure. */

const BLOCK = 64;
const ROUNDS = 64;
const CONSTANTS = roundConstants();

export class Sha256 {
  readonly #state = initialState();
  readonly #schedule = new Uint32Array(ROUNDS);
  readonly #rest = new Uint8Array(BLOCK);
  #filled = 0;
  #bytes = 0;

  /** Takes the next bytes. */
  add(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    let from = 0;
    if (this.#filled > 0) {
      from = Math.min(BLOCK - this.#filled, bytes.length);
      this.#rest.set(bytes.subarray(0, from), this.#filled);
      this.#filled += from;
      if (this.#filled < BLOCK) return;
      this.#mix(this.#rest, 0);
    }
    for (; from + BLOCK <= bytes.length; from += BLOCK) this.#mix(bytes, from);
    this.#rest.set(bytes.subarray(from));
    this.#filled = bytes.length - from;
  }

  /** In hexadecimal. Nothing can be added afterwards. */
  digest(): string {
    const length = this.#bytes * 8;
    const padding = new Uint8Array(this.#filled < BLOCK - 8 ? BLOCK : 2 * BLOCK).subarray(this.#filled);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer, padding.byteOffset);
    view.setUint32(padding.length - 8, Math.floor(length / 2 ** 32));
    view.setUint32(padding.length - 4, length % 2 ** 32);
    this.add(padding);
    return [...this.#state].map((word) => word.toString(16).padStart(8, '0')).join('');
  }

  /** One block into the state. Written out, because this runs once for each 64 bytes of a film. */
  #mix(bytes: Uint8Array, from: number): void {
    const words = this.#schedule;
    expand(words, new DataView(bytes.buffer, bytes.byteOffset + from, BLOCK));
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = this.#state;
    for (let round = 0; round < ROUNDS; round++) {
      const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
      const first = (h + s1 + ((e & f) ^ (~e & g)) + (CONSTANTS[round] ?? 0) + (words[round] ?? 0)) | 0;
      const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
      const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    for (const [index, value] of [a, b, c, d, e, f, g, h].entries()) {
      this.#state[index] = (this.#state[index] ?? 0) + value;
    }
  }
}

function expand(words: Uint32Array, block: DataView): void {
  for (let index = 0; index < 16; index++) words[index] = block.getUint32(index * 4);
  for (let index = 16; index < ROUNDS; index++) {
    const [far = 0, near = 0] = [words[index - 15], words[index - 2]];
    const s0 = turn(far, 7) ^ turn(far, 18) ^ (far >>> 3);
    const s1 = turn(near, 17) ^ turn(near, 19) ^ (near >>> 10);
    words[index] = (words[index - 16] ?? 0) + s0 + (words[index - 7] ?? 0) + s1;
  }
}

function turn(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** The first 32 bits of the fractions of the cube roots of the first 64 primes. */
function roundConstants(): Uint32Array {
  return Uint32Array.from(primes(ROUNDS), (prime) => fraction(Math.cbrt(prime)));
}

/** Likewise of the square roots of the first 8. */
function initialState(): Uint32Array {
  return Uint32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)));
}

function fraction(value: number): number {
  return Math.floor((value % 1) * 2 ** 32);
}

function primes(count: number): readonly number[] {
  const found: number[] = [];
  for (let each = 2; found.length < count; each++) {
    if (found.every((prime) => each % prime !== 0)) found.push(each);
  }
  return found;
}
