/**
 * Annex B byte streams of H.264 and H.265: NAL units, their types and their grouping into access units. Only
 * what packetising needs; nothing is decoded.
 */
import type { VideoCodec } from '../footage.ts';

interface NalSyntax {
  readonly headerBytes: number;
  type(nal: Buffer): number;
  isDelimiter(type: number): boolean;
  /** A coded slice of a picture. */
  isSlice(type: number): boolean;
  isKeySlice(type: number): boolean;
  isParameterSet(type: number): boolean;
  isSei(type: number): boolean;
  /** Whether other pictures may refer to the picture of this slice. */
  isReference(nal: Buffer): boolean;
}

/** The NAL unit rules of each codec: H.264 table 7-1, H.265 table 7-1. */
export const SYNTAX: Readonly<Record<VideoCodec, NalSyntax>> = {
  h264: {
    headerBytes: 1,
    type: (nal) => nal.readUInt8(0) & 0x1f,
    isDelimiter: (type) => type === 9,
    isSlice: (type) => type >= 1 && type <= 5,
    isKeySlice: (type) => type === 5,
    isParameterSet: (type) => type === 7 || type === 8,
    isSei: (type) => type === 6,
    isReference: (nal) => (nal.readUInt8(0) & 0x60) !== 0,
  },
  h265: {
    headerBytes: 2,
    type: (nal) => (nal.readUInt8(0) >> 1) & 0x3f,
    isDelimiter: (type) => type === 35,
    isSlice: (type) => type <= 31,
    isKeySlice: (type) => type >= 16 && type <= 21,
    isParameterSet: (type) => type >= 32 && type <= 34,
    isSei: (type) => type === 39 || type === 40,
    isReference: (nal) => {
      const type = (nal.readUInt8(0) >> 1) & 0x3f;
      return type > 14 || type % 2 === 1;
    },
  },
};

const START_CODE = Buffer.from([0, 0, 1]);

/** The NAL units of an Annex B stream, without start codes and trailing zeros, as views of `stream`. */
export function splitNals(stream: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  let start = stream.indexOf(START_CODE);
  while (start >= 0) {
    const next = stream.indexOf(START_CODE, start + 3);
    let end = next < 0 ? stream.length : next;
    while (stream[end - 1] === 0) end -= 1;
    nals.push(stream.subarray(start + 3, end));
    start = next;
  }
  return nals;
}

/** One coded picture: what belongs to it, in stream order, without delimiters and the encoder's own SEI. */
export interface AccessUnit {
  readonly nals: readonly Buffer[];
  readonly key: boolean;
  readonly reference: boolean;
}

/** The access units of a stream that has a delimiter before each of them. */
export function accessUnits(nals: readonly Buffer[], codec: VideoCodec): AccessUnit[] {
  const syntax = SYNTAX[codec];
  const groups: Buffer[][] = [];
  for (const nal of nals) {
    const type = syntax.type(nal);
    if (syntax.isDelimiter(type)) groups.push([]);
    else if (!syntax.isSei(type)) groups.at(-1)?.push(nal);
  }
  return groups.map((group) => {
    const slices = group.filter((nal) => syntax.isSlice(syntax.type(nal)));
    return {
      nals: group,
      key: slices.some((nal) => syntax.isKeySlice(syntax.type(nal))),
      reference: slices.some((nal) => syntax.isReference(nal)),
    };
  });
}

/**
 * The place of each access unit in the order of display, for streams whose B-frames are no references: a
 * reference picture is shown when the next one is decoded, any other picture at once.
 */
export function displayOrder(units: readonly AccessUnit[]): number[] {
  const places = new Array<number>(units.length).fill(0);
  let shown = 0;
  let held: number | undefined;
  for (const [index, unit] of units.entries()) {
    if (!unit.reference) {
      places[index] = shown++;
      continue;
    }
    if (held !== undefined) places[held] = shown++;
    held = index;
  }
  if (held !== undefined) places[held] = shown;
  return places;
}
