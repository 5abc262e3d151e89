/**
 * Branded identifiers and their parsers. Only a parsed id ever becomes part of a path or a query; a string
 * from a client never does.
 */
import { NvrError } from './errors.ts';

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Names a camera for ever, also in paths: lower-case letters, digits and hyphens, 1–64 characters. */
export type CameraId = Brand<string, 'CameraId'>;
/** One uninterrupted life of a pipeline: a UUID, because files carry it and the index can be rebuilt. */
export type RunId = Brand<string, 'RunId'>;
/** Row number of a segment file in the index. */
export type SegmentId = Brand<number, 'SegmentId'>;

const CAMERA_ID = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** @throws NvrError `invalid` when the text is not a camera id. */
export function cameraId(text: string, field = 'cameraId'): CameraId {
  if (!CAMERA_ID.test(text)) {
    throw new NvrError('invalid', 'A camera id has 1–64 lower-case letters, digits and hyphens.', { field });
  }
  return text as CameraId;
}

/** @throws NvrError `invalid` when the text is not a lower-case UUID. */
export function runId(text: string, field = 'runId'): RunId {
  if (!UUID.test(text)) throw new NvrError('invalid', 'A run id is a UUID.', { field });
  return text as RunId;
}

/** @throws NvrError `invalid` unless the number is a positive safe integer. */
export function segmentId(value: number, field = 'segmentId'): SegmentId {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new NvrError('invalid', 'A segment id is a positive whole number.', {
      field,
    });
  }
  return value as SegmentId;
}

const SUB_SUFFIX = '~sub';

/** What the second stream of a camera is kept under beside the cameras: no camera can have such an id. */
export function subKey(id: CameraId): CameraId {
  return `${id}${SUB_SUFFIX}` as CameraId;
}

/** The camera of a stream that is kept under its id or as a second stream. */
export function cameraOf(key: CameraId): CameraId {
  return key.endsWith(SUB_SUFFIX) ? (key.slice(0, -SUB_SUFFIX.length) as CameraId) : key;
}

/** A readable part for a new camera's id, from its name: "Front door" → "front-door"; may be empty. */
export function slug(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
}
