/** What was recorded, as the API speaks of it, over the archive's index. */
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { CameraStore } from '../archive/cameraStore.ts';
import type { Footage } from '../archive/footage.ts';
import type { Ledger } from '../archive/ledger.ts';
import type { MissingFootage } from '../archive/missingFootage.ts';
import { portions } from '../archive/portions.ts';
import type { SegmentRecord } from '../archive/records.ts';
import { NvrError } from '../domain/errors.ts';
import type { CameraId, RunId } from '../domain/ids.ts';
import { mediaPlaylist, planRange, type RangeUris, settled } from '../domain/playlist.ts';
import { type Clock, DAY_MS, type EpochMs, epochMs, type Interval } from '../domain/time.ts';
import type { SegmentRow } from '../domain/timeline.ts';
import { addDays, type Day, dayBounds, dayOf, type Zone } from '../domain/zone.ts';
import type { ArchivePort, Page, Paged } from '../http/ports.ts';

const API = '/api/v1';
const ALL: Interval = { startMs: epochMs(0), endMs: epochMs(253_402_300_799_999) };
/** Of footage; a day makes 50,000 lines. */
const LONGEST_PLAYLIST_MS = 8 * DAY_MS;

export interface ArchiveDoor {
  readonly footage: Footage;
  readonly ledger: Ledger;
  readonly missing: MissingFootage;
  readonly cameras: Pick<CameraStore, 'expectKnown'>;
}

export function archivePort(door: ArchiveDoor, clock: Clock, zone: Zone): ArchivePort {
  const { footage, ledger, missing, cameras } = door;
  const known = (camera: CameraId) => {
    cameras.expectKnown(camera);
    return camera;
  };
  const playlist = (camera: CameraId, interval: Interval) =>
    rangePlaylist(door, known(camera), interval, clock.now());
  return {
    segments: (camera, interval, page) => paged(footage, known(camera), interval, page),
    recordings: (camera, interval) => footage.recordings(known(camera), interval),
    missing: (camera, interval) => missing.intervals(known(camera), interval),
    gaps: (camera, interval) => footage.gaps(known(camera), interval),
    days: (camera) => days(footage, known(camera), zone, clock.now()),
    playlist,
    dayPlaylist: (camera, day) => playlist(camera, dayBounds(day, zone)),
    cameraOfRun: (run) => ledger.run(run).cameraId,
    cameraOfSegment: (id) => footage.segment(id).cameraId,
    initOf: (run) => ledger.initOf(run).bytes,
    async readGops(id, from, to) {
      // Looked at before: what grows while it is read must not be taken for final.
      const { open, gops, file } = footage.segment(id);
      missing.expectReachable([file]);
      const bytes = await footage.readGops(id, from, to);
      return { bytes, final: !open || to < gops.length };
    },
    segmentFile(id) {
      const { file, open } = footage.segment(id);
      missing.expectReachable([file]);
      return { path: file, name: basename(file), final: !open };
    },
  };
}

function paged(
  footage: Footage,
  camera: CameraId,
  { startMs, endMs }: Interval,
  { limit, after }: Page,
): Paged<SegmentRecord> {
  const from = epochMs(Math.max(startMs, after?.startMs ?? 0));
  const found: SegmentRecord[] = [];
  for (const portion of segmentsOf(footage, camera, { startMs: from, endMs })) {
    const rest =
      after === null
        ? portion
        : portion.filter(
            ({ startMs: start, id }) => start > after.startMs || (start === after.startMs && id > after.id),
          );
    found.push(...rest);
    if (found.length > limit) break;
  }
  return { items: found.slice(0, limit), more: found.length > limit };
}

/** The segments that overlap an interval, in the order of their starts, some at a time. */
function segmentsOf(footage: Footage, camera: CameraId, interval: Interval): Generator<SegmentRecord[]> {
  return portions(interval, (portion) => footage.segments(camera, portion));
}

/**
 * What is on a missing volume is left out: players give up where a part of a playlist can't be had.
 * @throws NvrError `invalid` with the field `end` for more footage than a playlist holds
 */
async function rangePlaylist(
  { footage, missing }: ArchiveDoor,
  camera: CameraId,
  interval: Interval,
  now: EpochMs,
): Promise<string> {
  refuseLong(footage, camera, interval);
  const found: SegmentRecord[] = [];
  for (const portion of segmentsOf(footage, camera, interval)) {
    found.push(...missing.reachable(portion));
    await setImmediate();
  }
  const growing = interval.endMs > now && found.some(({ open }) => open);
  // What is being written is left out of a complete playlist only where it can still change.
  const segments = found.map((segment) => (segment.open ? settled(segment) : segment));
  const gaps = footage
    .gaps(camera, interval)
    .map(({ startMs, endMs, cause }) => ({ kind: 'gap' as const, startMs, endMs: endMs ?? now, cause }));
  const items = planRange(segments, gaps, interval, uris(segments));
  return mediaPlaylist(items, { type: growing ? 'event' : 'vod' });
}

function refuseLong(footage: Footage, camera: CameraId, interval: Interval): void {
  if (interval.endMs - interval.startMs <= LONGEST_PLAYLIST_MS) return;
  const [covered] = footage.days(camera, [interval]);
  if ((covered?.recordedMs ?? 0) <= LONGEST_PLAYLIST_MS) return;
  throw new NvrError('invalid', 'A playlist holds at most eight days of footage.', { field: 'end' });
}

/** Runs with the same codec configuration share an init segment: it is asked for by the first of them. */
function uris(segments: readonly SegmentRow[]): RangeUris {
  const runs = new Map<string, RunId>();
  for (const { initKey, runId } of segments) if (!runs.has(initKey)) runs.set(initKey, runId);
  return {
    media: ({ segmentId, fromGop, toGop }) => `${API}/segments/${segmentId}/gops/${fromGop}-${toGop}.m4s`,
    init: (initKey) => `${API}/runs/${runs.get(initKey)}/init.mp4`,
  };
}

/** The days from the first footage to the last that have any. */
function days(footage: Footage, camera: CameraId, zone: Zone, now: EpochMs) {
  const recordings = footage.recordings(camera, ALL);
  const [first] = recordings;
  if (first === undefined) return [];
  const last = recordings.reduce((end, { endMs }) => Math.max(end, endMs ?? now), 0);
  const named = daysBetween(dayOf(first.startMs, zone), dayOf(epochMs(last), zone), zone);
  const covered = footage.days(camera, named);
  return named.flatMap((day, i) => {
    const recordedMs = covered[i]?.recordedMs ?? 0;
    return recordedMs > 0 ? [{ ...day, recordedMs }] : [];
  });
}

function daysBetween(first: Day, last: Day, zone: Zone): ({ readonly day: Day } & Interval)[] {
  const found: ({ readonly day: Day } & Interval)[] = [];
  for (let day = first; day <= last; day = addDays(day, 1)) found.push({ day, ...dayBounds(day, zone) });
  return found;
}
