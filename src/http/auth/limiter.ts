/**
 * Slows down the guessing of passwords without ever locking anybody out. Failures are counted for an address, for
 * a name, and for both together; beyond a few free tries each failure makes the next try wait, a minute at most.
 * Whoever has logged in from an address before is held up only by failures of the same name from that address, so
 * neither a stranger who guesses at a name nor a neighbour behind the same proxy keeps its owner out.
 */

interface Tally {
  readonly failures: number;
  /** On the monotonic clock. */
  readonly untilMs: number;
  readonly lastMs: number;
}

/** Tries without delay, for each of what is counted. */
const FREE = { both: 5, address: 20, name: 50 } as const;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** A tally without another failure for so long is forgotten. */
const FORGET_MS = 15 * 60_000;
/** Bounds memory; what was counted longest ago goes first. */
const MOST_TALLIES = 10_000;
const MOST_TRUSTED = 10_000;

export class LoginLimiter {
  readonly #monotonic: () => number;
  readonly #tallies = new Map<string, Tally>();
  readonly #trusted = new Set<string>();

  /** @param monotonic milliseconds of a clock that never steps */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** Milliseconds to wait before the next try; 0 when it may be made now. */
  waitMs(name: string, address: string): number {
    const now = this.#monotonic();
    const until = this.#counted(name, address).map(([key]) => this.#tally(key, now)?.untilMs ?? 0);
    return Math.max(0, ...until.map((ms) => Math.ceil(ms - now)));
  }

  failed(name: string, address: string): void {
    const now = this.#monotonic();
    for (const [key, free] of this.#counted(name, address)) {
      const failures = (this.#tally(key, now)?.failures ?? 0) + 1;
      const beyond = failures - free;
      const wait = beyond < 0 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** beyond);
      this.#tallies.delete(key);
      this.#tallies.set(key, { failures, untilMs: now + wait, lastMs: now });
    }
    trim(this.#tallies, MOST_TALLIES);
  }

  succeeded(name: string, address: string): void {
    const key = pair(name, address);
    this.#tallies.delete(key);
    this.#trusted.delete(key);
    this.#trusted.add(key);
    trim(this.#trusted, MOST_TRUSTED);
  }

  /** What counts for a try, with how many failures of it are free. */
  #counted(name: string, address: string): readonly (readonly [key: string, free: number])[] {
    const both = [pair(name, address), FREE.both] as const;
    if (this.#trusted.has(both[0])) return [both];
    return [both, [`address ${network(address)}`, FREE.address], [`name ${folded(name)}`, FREE.name]];
  }

  #tally(key: string, now: number): Tally | undefined {
    const tally = this.#tallies.get(key);
    return tally === undefined || now - tally.lastMs > FORGET_MS ? undefined : tally;
  }
}

function pair(name: string, address: string): string {
  return `both ${network(address)} ${folded(name)}`;
}

function folded(name: string): string {
  return name.toLowerCase();
}

/** An IPv4 address, or the /64 of an IPv6 address, of which one subscriber has as many as they like. */
function network(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail = ''] = address.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  return [...front, ...zeros, ...back].slice(0, 4).join(':');
}

function trim(entries: Map<string, unknown> | Set<string>, most: number): void {
  for (const key of entries.keys()) {
    if (entries.size <= most) return;
    entries.delete(key);
  }
}
