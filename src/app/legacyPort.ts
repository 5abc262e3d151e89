/** The older API of existing front ends over the same use cases as the API: registering, recording, playing. */
import { isDeepStrictEqual } from 'node:util';
import type { Archive } from '../archive/archive.ts';
import type { Fleet } from '../cameras/fleet.ts';
import type * as Onvif from '../cameras/onvif.ts';
import { ALL_SCHEMES, parseAddress } from '../domain/address.ts';
import type { Camera } from '../domain/camera.ts';
import { NvrError } from '../domain/errors.ts';
import { type CameraId, cameraId } from '../domain/ids.ts';
import {
  type LegacyCamera,
  type LegacyKey,
  type LegacyOutcome,
  legacyKind,
  recordingAt,
} from '../domain/legacy.ts';
import { livePlaylist, liveUris } from '../domain/livePlaylist.ts';
import { type Clock, DAY_MS, epochMs, type Interval } from '../domain/time.ts';
import { Turns } from '../domain/turns.ts';
import { day, dayBounds, type Zone } from '../domain/zone.ts';
import type { LegacyPort } from '../http/legacy.ts';
import type { ArchivePort, CamerasPort } from '../http/ports.ts';
import type { CameraInput } from '../http/wire/camera.ts';
import type { SourcePatch } from '../http/wire/source.ts';
import type { LiveHub } from '../live/hub.ts';
import type { LegacyBoot } from './legacyBoot.ts';
import { patchedSource, present } from './sources.ts';

interface Rooms {
  readonly archive: {
    readonly legacy: LegacyNames;
    readonly footage: Pick<Archive['footage'], 'recordings'>;
  };
  readonly playlists: Pick<ArchivePort, 'playlist'>;
  /** What changes cameras, with the address policy before it. */
  readonly cameras: Pick<CamerasPort, 'create' | 'update' | 'remove' | 'startRecording' | 'stopRecording'>;
  readonly fleet: Pick<Fleet, 'get' | 'list'>;
  readonly hub: Pick<LiveHub, 'get'>;
  readonly onvif: Pick<typeof Onvif, 'deviceInfo' | 'move'>;
  readonly clock: Clock;
  readonly zone: Zone;
  readonly boot: LegacyBoot;
  /** @throws NvrError when nobody may make the recorder connect there */
  expectReachable(host: string): Promise<void>;
}

type LegacyNames = Pick<Archive['legacy'], 'find' | 'list' | 'put' | 'remove'>;
type Ended = LegacyOutcome['recording'];

const API = '/api/v1';
/** How far back the recording that was just ended is looked for. */
const LOOK_BACK_MS = 400 * DAY_MS;
const MOVE_MS = 1_000;

export function legacyPort(rooms: Rooms): LegacyPort {
  const { archive, cameras, fleet, hub, zone } = rooms;
  const expect = (key: LegacyKey) => expectCamera(rooms, key);
  // Between finding a name free and taking it, nobody else may take it.
  const registrations = new Turns();
  return {
    zone,
    booted: () => rooms.boot.done,
    start: () => void rooms.boot.run(Math.random),
    stop: () => rooms.boot.close(),
    register: (camera, formerGid) => registrations.take(() => register(rooms, camera, formerGid)),
    async record(key, isRec) {
      const id = expect(key);
      return outcomeOf(rooms, key, id, await setRecording(rooms, id, isRec));
    },
    async remove(key) {
      const id = expect(key);
      await cameras.remove(id, null);
      archive.legacy.remove(id);
    },
    keysOf: (seq) => archive.legacy.list().filter((row) => row.seq === seq),
    async move(key, motion, port) {
      const { source } = fleet.get(key === null ? onlyCamera(rooms) : expect(key)).camera;
      if (!('url' in source)) throw new NvrError('conflict', 'This source can’t be moved.', { field: 'seq' });
      const { host } = parseAddress(source.url, 'seq', ALL_SCHEMES);
      await rooms.expectReachable(host);
      const login = 'username' in source ? { username: source.username, password: source.password } : {};
      await rooms.onvif.move(present({ host, port, ...login }), motion, MOVE_MS);
    },
    async info(address) {
      await rooms.expectReachable(address.host);
      return await rooms.onvif.deviceInfo(address);
    },
    async livePlaylist(key) {
      const id = expect(key);
      return livePlaylist(await hub.get(id).windowFor(null), liveUris(`${API}/cameras/${id}/live/`), {
        skip: false,
      });
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
  const { archive, cameras } = rooms;
  const former = holderOf(rooms, { gid: formerGid ?? camera.gid, seq: camera.seq });
  const holder = holderOf(rooms, camera);
  if (former !== null && holder !== null && former !== holder) {
    const message = `There is another camera ${camera.seq} in the group ${camera.gid}.`;
    throw new NvrError('conflict', message, { field: 'gid' });
  }
  const known = former ?? holder;
  const id = known ?? cameraId((await cameras.create(added(camera))).id);
  if (known !== null) await change(rooms, known, camera);
  archive.legacy.put(camera, id);
  return outcomeOf(rooms, camera, id, await setRecording(rooms, id, camera.isRec));
}

/** Whose name it is; a camera that was deleted elsewhere has none any more. */
function holderOf({ archive, fleet }: Rooms, key: LegacyKey): CameraId | null {
  const id = archive.legacy.find(key);
  return fleet.list().some(({ camera }) => camera.id === id) ? id : null;
}

function added(camera: LegacyCamera): CameraInput {
  return { name: camera.name, source: { kind: legacyKind(camera), url: camera.iaddr }, mode: 'manual' };
}

/** Touches nothing that is as it is to be. */
async function change({ cameras, fleet }: Rooms, id: CameraId, camera: LegacyCamera): Promise<void> {
  const { name } = camera;
  const source = replacement(camera);
  const { camera: before } = fleet.get(id);
  const same = before.name === name && isDeepStrictEqual(patchedSource(source, before.source), before.source);
  if (!same) await cameras.update(id, { name, source }, null);
}

/** The address says all: what it does not say of itself is removed. */
function replacement(camera: LegacyCamera): SourcePatch {
  const { iaddr: url } = camera;
  const kind = legacyKind(camera);
  if (kind === 'udp') return { kind, url };
  if (kind === 'srt') return { kind, url, role: null, streamId: null, password: null, latencyMs: null };
  return { kind, url, username: null, password: null };
}

/** Begins or ends recording, if it is otherwise. @returns the recording that was begun or ended by that */
async function setRecording(rooms: Rooms, id: CameraId, isRec: boolean): Promise<Ended> {
  const { cameras, fleet, clock } = rooms;
  const { camera, status } = fleet.get(id);
  if (status.recording.wanted === isRec) return null;
  // A camera that was added elsewhere, to be recorded otherwise, is recorded by hand from now on.
  if (camera.mode !== 'manual') await cameras.update(id, { mode: 'manual' }, null);
  if (isRec) {
    await cameras.startRecording(id);
    return { startMs: clock.now(), endMs: null };
  }
  const begun = newestRecording(rooms, id);
  if (fleet.get(id).status.recording.wanted) await cameras.stopRecording(id);
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
