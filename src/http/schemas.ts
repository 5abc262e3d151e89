/**
 * Parameters and queries of the routes, and how they become domain values. Bodies and answers are in
 * `wire/`. What is written here is checked before any port is called.
 */
import { type TProperties, Type } from 'typebox';
import { NvrError } from '../domain/errors.ts';
import { DAY_MS, epochMs, type Interval } from '../domain/time.ts';
import type { Page, Position } from './ports.ts';
import type { SegmentView } from './wire/archive.ts';
import { CameraIdText } from './wire/camera.ts';

/** The longest interval that may be asked for. */
const LONGEST_MS = 400 * DAY_MS;
const DEFAULT_LIMIT = 100;

function strict<Properties extends TProperties>(properties: Properties) {
  return Type.Object(properties, { additionalProperties: false });
}

const Uuid = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  description: 'Id of a run',
});
const Index = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });
const Moment = Type.Integer({
  minimum: 0,
  maximum: 253_402_300_799_999,
  description: 'UTC epoch milliseconds',
  examples: [1_774_738_800_000],
});

export const Nothing = strict({});
/** A request body that may be left out, and is empty otherwise. */
export const NoBody = Type.Unsafe<null | Record<string, never>>({
  type: ['object', 'null'],
  properties: {},
  additionalProperties: false,
});

export const CameraParams = strict({ cameraId: CameraIdText });
export const CameraDayParams = strict({
  cameraId: CameraIdText,
  day: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', examples: ['2026-03-29'] }),
});
export const RunParams = strict({ runId: Uuid });
export const SegmentParams = strict({
  segmentId: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
});
export const ProtectionParams = strict({
  cameraId: CameraIdText,
  protectionId: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
});
export const GopParams = strict({ ...SegmentParams.properties, from: Index, to: Index });
export const LiveRunParams = strict({ cameraId: CameraIdText, runId: Uuid });
export const WhepParams = strict({ cameraId: CameraIdText, viewId: Uuid });
export const LiveSegmentParams = strict({ ...LiveRunParams.properties, from: Index, to: Index });
export const ViewerParams = strict({
  viewerId: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Of /viewers' }),
});
export const LivePartParams = strict({ ...LiveRunParams.properties, first: Index });
/** RFC 8216bis §6.2.5. */
export const LivePlaylistQuery = strict({
  _HLS_msn: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Wait until the playlist has this segment',
      examples: [1_774_738_806],
    }),
  ),
  _HLS_part: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 10_000, description: 'Wait only for this part of it, from 0' }),
  ),
  stream: Type.Optional(
    Type.Enum(['main', 'sub'], {
      description: 'The second stream, which is connected while it is asked for',
    }),
  ),
  _HLS_skip: Type.Optional(
    Type.Enum(['YES', 'v2'], { description: 'Leave out old segments, which the player has' }),
  ),
});

const bounds = { start: Moment, end: Moment };
export const IntervalQuery = strict(bounds);

const gaps = Type.Optional(
  Type.Enum(['close', 'split'], {
    default: 'close',
    description: 'Whether an interval without footage is left out, or a new part begins after it',
  }),
);
export const ExportPartsQuery = strict({ ...bounds, gaps });
export const ExportQuery = strict({
  ...bounds,
  gaps,
  part: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Of /export/parts' })),
  format: Type.Optional(
    Type.Enum(['mp4', 'fmp4'], { default: 'mp4', description: 'Ordinary, or fragmented MP4 of whole GOPs' }),
  ),
});
export const PageQuery = strict({
  ...bounds,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: DEFAULT_LIMIT })),
  cursor: Type.Optional(
    Type.String({ pattern: '^\\d{1,15}-\\d{1,15}$', description: '`next` of the answer before' }),
  ),
});

/** RFC 9110 §13.1.1, of which a single strong tag or `*` is taken. */
export const IfMatchHeader = Type.Object({
  'if-match': Type.Optional(
    Type.String({
      pattern: '^(?:\\*|"[\\x21\\x23-\\x7e]{1,100}")$',
      description: 'The ETag that the change is based on',
      examples: ['"7"'],
    }),
  ),
});

/** @throws NvrError `invalid` unless start < end and they are at most 400 days apart. */
export function intervalOf({ start, end }: { readonly start: number; readonly end: number }): Interval {
  if (start >= end) throw new NvrError('invalid', 'The start must be before the end.', { field: 'end' });
  if (end - start > LONGEST_MS) {
    throw new NvrError('invalid', 'At most 400 days can be asked for at once.', { field: 'end' });
  }
  return { startMs: epochMs(start, 'start'), endMs: epochMs(end, 'end') };
}

/** The page that a checked query asks for. */
export function pageOf(query: { readonly limit?: number; readonly cursor?: string }): Page {
  return {
    limit: query.limit ?? DEFAULT_LIMIT,
    after: query.cursor === undefined ? null : positionOf(query.cursor),
  };
}

/** The cursor that continues after an item. */
export function cursorAfter(item: Pick<SegmentView, 'startMs' | 'id'> | undefined): string | null {
  return item === undefined ? null : `${item.startMs}-${item.id}`;
}

function positionOf(cursor: string): Position {
  const [startMs, id] = cursor.split('-').map(Number);
  return { startMs: epochMs(startMs ?? 0, 'cursor'), id: id ?? 0 };
}

/** The ETag of a revision. */
export function etagOf({ revision }: { readonly revision: number }): string {
  return `"${revision}"`;
}

/** The revision a checked `If-Match` asks for; null for any, and 0, which never exists, for a foreign tag. */
export function expectedRevision(ifMatch: string | undefined): number | null {
  if (ifMatch === undefined || ifMatch === '*') return null;
  return Number(/^"([1-9]\d{0,14})"$/.exec(ifMatch)?.[1] ?? 0);
}
