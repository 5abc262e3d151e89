/** The older API of existing front ends over the same use cases as the API: registering, recording, playing. */
import { isDeepStrictEqual } from 'node:util';
import type { Archive } from '../archive/archive.ts';
import type { Fleet } from '../cameras/fleet.ts';
import { deviceInfo, move } from '../cameras/onvif.ts';
import type { Camera } from '../domain/camera.ts';
import { NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import {
  type LegacyCamera,
  type LegacyKey,
  type LegacyOutcome,
  legacyKind,
  recordingAt,
} from '../domain/legacy.ts';
import { type LiveUris, livePlaylist } from '../domain/livePlaylist.ts';
import { type Clock, epochMs, type Interval } from '../domain/time.ts';
import { day, dayBounds, type Zone } from '../domain/zone.ts';
import type { LegacyPort } from '../http/legacy.ts';
import type { ArchivePort } from '../http/ports.ts';
import type { SourceInput } from '../http/wire/source.ts';
import type { LiveHub } from '../live/hub.ts';
import { newCamera } from './cameraPort.ts';
import type { LegacyBoot } from './legacyBoot.ts';
import { sourceOf } from './sources.ts';

interface Rooms {
  readonly archive: Pick<Archive, 'legacy' | 'footage'>;
  readonly playlists: Pick<ArchivePort, 'playlist'>;
  readonly fleet: Fleet;
  readonly hub: LiveHub;
  readonly clock: Clock;
  readonly zone: Zone;
  readonly boot: LegacyBoot;
  /** @throws NvrError when nobody may make the recorder connect there */
  expectReachable(host: string): Promise<void>;
}

type Ended = LegacyOutcome['recording'];

const API = '/api/v1';
/** How far back the recording that was just ended is looked for. */
const LOOK_BACK_MS = 400 * 86_400_000;
const MOVE_MS = 1_000;

export function legacyPort(rooms: Rooms): LegacyPort {
  const { archive, fleet, hub, zone } = rooms;
  const expect = (key: LegacyKey) => expectCamera(rooms, key);
  return {
    zone,
    booted: () => rooms.boot.done,
    start: () => void rooms.boot.run(Math.random),
    stop: () => rooms.boot.close(),
    register: (camera, formerGid) => register(rooms, camera, formerGid),
    async record(key, isRec) {
      const id = expect(key);
      return outcomeOf(rooms, key, id, await setRecording(rooms, id, isRec));
    },
    async remove(key) {
      const id = expect(key);
      await fleet.remove(id, null);
      archive.legacy.remove(id);
    },
    keysOf: (seq) => archive.legacy.list().filter((row) => row.seq === seq),
    async move(key, motion, port) {
      const { source } = fleet.get(key === null ? onlyCamera(rooms) : expect(key)).camera;
      if (!('url' in source)) throw new NvrError('conflict', 'This source can’t be moved.', { field: 'seq' });
      const { hostname } = new URL(source.url.replace(/^\w+:/, 'http:'));
      const credentials =
        'username' in source ? { username: source.username, password: source.password } : {};
      await rooms.expectReachable(hostname);
      await move({ host: hostname, port, ...defined(credentials) }, motion, MOVE_MS);
    },
    async info(address) {
      await rooms.expectReachable(address.host);
      return await deviceInfo(address);
    },
    async livePlaylist(key) {
      const id = expect(key);
      return livePlaylist(await hub.get(id).windowFor(null), liveUris(id), { skip: false });
    },
    async recordedPlaylist(key, date, time) {
      const id = expect(key);
      return await rooms.playlists.playlist(id, recordedInterval(rooms, id, date, time));
    },
  };
}

async function register(
  rooms: Rooms,
  camera: LegacyCamera,
  formerGid: string | null,
): Promise<LegacyOutcome> {
  const { archive, fleet } = rooms;
  const input = { kind: legacyKind(camera), url: camera.iaddr } as SourceInput;
  const source = sourceOf(input, 'iaddr');
  const key = { gid: formerGid ?? camera.gid, seq: camera.seq };
  const known = archive.legacy.find(key) ?? archive.legacy.find(camera);
  const id = known ?? fleet.create(newCamera({ name: camera.name, source: input, mode: 'manual' })).camera.id;
  archive.legacy.put(camera, id);
  const before = fleet.get(id).camera;
  const same = before.name === camera.name && isDeepStrictEqual(before.source, source);
  if (!same) fleet.update(id, { name: camera.name, source }, null);
  return outcomeOf(rooms, camera, id, await setRecording(rooms, id, camera.isRec));
}

/** Begins or ends recording, if it is otherwise. @returns the recording that was begun or ended by that */
async function setRecording(rooms: Rooms, id: CameraId, isRec: boolean): Promise<Ended> {
  const { fleet, clock } = rooms;
  const { camera, status } = fleet.get(id);
  if (status.recording.wanted === isRec) return null;
  // A camera that was added elsewhere, to be recorded otherwise, is recorded by hand from now on.
  if (camera.mode !== 'manual') fleet.update(id, { mode: 'manual' }, null);
  if (isRec) {
    fleet.startRecording(id);
    return { startMs: clock.now(), endMs: null };
  }
  const begun = newestRecording(rooms, id);
  if (fleet.get(id).status.recording.wanted) fleet.stopRecording(id);
  return begun === undefined ? null : { startMs: begun.startMs, endMs: clock.now() };
}

function newestRecording({ archive, clock }: Rooms, id: CameraId): Pick<Interval, 'startMs'> | undefined {
  const endMs = epochMs(clock.now() + 1_000);
  return archive.footage
    .recordings(id, { startMs: epochMs(Math.max(0, endMs - LOOK_BACK_MS)), endMs })
    .at(-1);
}

function outcomeOf({ fleet }: Rooms, { gid, seq }: LegacyKey, id: CameraId, recording: Ended): LegacyOutcome {
  const { camera, status } = fleet.get(id);
  const { createdMs, updatedMs }: Camera = camera;
  return { gid, seq, isRec: status.recording.wanted, insertedMs: createdMs, updatedMs, recording };
}

function expectCamera({ archive }: Rooms, key: LegacyKey): CameraId {
  const id = archive.legacy.find(key);
  if (id !== null) return id;
  throw new NvrError('not-found', `There is no camera ${key.seq} in the group ${key.gid}.`, { field: 'seq' });
}

/** Some clients say a direction and no camera: they have one. */
function onlyCamera({ archive }: Rooms): CameraId {
  const [only, ...others] = archive.legacy.list();
  if (only !== undefined && others.length === 0) return only.cameraId;
  throw new NvrError('invalid', 'Which camera is not said.', { field: 'seq' });
}

/** A day, or the recording of it that began at that time. */
function recordedInterval(rooms: Rooms, id: CameraId, date: string, time: string | null): Interval {
  const named = day(date.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3'), 'recordDate');
  const bounds = dayBounds(named, rooms.zone);
  if (time === null) return bounds;
  const found = recordingAt(rooms.archive.footage.recordings(id, bounds), date, time, rooms.zone);
  if (found !== undefined) return { startMs: found.startMs, endMs: found.endMs ?? rooms.clock.now() };
  throw new NvrError('not-found', `No recording began on ${date} at ${time}.`, { field: 'recordStartTime' });
}

/** Absolute, because the playlist is served under more than one address. */
function liveUris(id: CameraId): LiveUris {
  const base = `${API}/cameras/${id}/live`;
  return {
    init: (run) => `${base}/${run}/init.mp4`,
    part: (run, sequence) => `${base}/${run}/parts/${sequence}.m4s`,
    media: ({ fragments }) => {
      const [first] = fragments;
      const last = fragments.at(-1) ?? first;
      return `${base}/${first.runId}/${first.sequence}-${last.sequence}.m4s`;
    },
  };
}

function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
