/**
 * Codec strings of RFC 6381 (for `codecs=` and `MediaSource.isTypeSupported`), from the sample entry of a track
 * (ISO 14496-12 §8.5.2). Every sample entry we can name is listed here and nowhere else.
 */
import { type Box, Cursor, malformed, needBox } from './boxes.ts';

/**
 * @param entry the first box of `stsd`
 * @param children the boxes inside the entry
 * @throws NvrError `invalid` for a sample entry that we cannot name or that is malformed.
 */
export function codecString(entry: Box, children: readonly Box[]): string {
  switch (entry.type) {
    case 'avc1':
    case 'avc3':
      return `${entry.type}.${needBox(children, 'avcC').body.subarray(1, 4).toString('hex')}`;
    case 'hvc1':
    case 'hev1':
      return `${entry.type}.${hevcProfile(new Cursor(needBox(children, 'hvcC').body))}`;
    case 'mp4a':
      return mpeg4Audio(new Cursor(needBox(children, 'esds').body));
    case 'Opus':
    case 'ac-3':
      return entry.type;
    case '.mp3':
      return 'mp4a.6B';
    default:
      throw malformed(`unknown sample entry ${JSON.stringify(entry.type)}`);
  }
}

/** ISO 14496-15 annex E.3, from HEVCDecoderConfigurationRecord (§8.3.3.1): `1.6.L93.B0`. */
function hevcProfile(record: Cursor): string {
  const profile = record.skip(1).u8();
  const space = ['', 'A', 'B', 'C'][profile >> 6] ?? '';
  const tier = (profile & 0x20) === 0 ? 'L' : 'H';
  const compatibility = reverseBits(record.u32()).toString(16);
  const constraints = [...record.take(6)];
  const level = record.u8();
  while (constraints.at(-1) === 0) constraints.pop();
  return [
    `${space}${profile & 0x1f}`,
    compatibility,
    `${tier}${level}`,
    ...constraints.map((byte) => byte.toString(16)),
  ]
    .join('.')
    .toUpperCase();
}

function reverseBits(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = reversed * 2 + ((value >>> bit) & 1);
  return reversed;
}

/** ISO 14496-1 §7.2.6: ES_Descriptor (3) → DecoderConfigDescriptor (4) → DecoderSpecificInfo (5). */
function mpeg4Audio(esds: Cursor): string {
  const stream = descriptor(esds.skip(4), 3);
  const flags = stream.skip(2).u8();
  if ((flags & 0x80) !== 0) stream.skip(2);
  if ((flags & 0x40) !== 0) stream.skip(stream.u8());
  if ((flags & 0x20) !== 0) stream.skip(2);
  const config = descriptor(stream, 4);
  const objectType = config.u8();
  const name = `mp4a.${objectType.toString(16).toUpperCase()}`;
  return objectType === 0x40 ? `${name}.${audioObjectType(descriptor(config.skip(12), 5))}` : name;
}

/** AudioSpecificConfig (ISO 14496-3 §1.6.2.1): five bits, or an escape and six more. */
function audioObjectType(config: Cursor): number {
  const first = config.u8();
  return first >> 3 === 31 ? 32 + (((first & 7) << 3) | (config.u8() >> 5)) : first >> 3;
}

/** The content of the descriptor that begins here, whose length is written in groups of seven bits. */
function descriptor(bytes: Cursor, tag: number): Cursor {
  if (bytes.u8() !== tag) throw malformed(`descriptor ${tag} is missing in esds`);
  let length = 0;
  for (let group = 0; group < 4; group++) {
    const byte = bytes.u8();
    length = length * 128 + (byte & 0x7f);
    if (byte < 0x80) break;
  }
  return new Cursor(bytes.take(length));
}
