/** A tone in G.711 A-law, computed. */

const SAMPLES_PER_PERIOD = 20;
const AMPLITUDE = 8000;

/** `samples` bytes of a sine with a period of 20 samples (400 Hz at 8 kHz); any multiple of 20 loops seamlessly. */
export function toneInALaw(samples: number): Buffer {
  const tone = Buffer.alloc(samples);
  for (let index = 0; index < samples; index += 1) {
    const sample = Math.round(AMPLITUDE * Math.sin((2 * Math.PI * index) / SAMPLES_PER_PERIOD));
    tone.writeUInt8(encode(sample), index);
  }
  return tone;
}

/** One 16-bit linear sample in A-law: sign, 3 bits of exponent, 4 bits of mantissa, even bits inverted. */
function encode(sample: number): number {
  const sign = sample >= 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), 32_767) >> 3;
  const exponent = Math.max(0, 27 - Math.clz32(magnitude));
  const mantissa = exponent === 0 ? magnitude >> 1 : magnitude >> exponent;
  return (sign | (exponent << 4) | (mantissa & 0x0f)) ^ 0x55;
}
