/** How long footage is kept, when cameras record and how much there is, as the API speaks of it. */
import type { Archive } from '../archive/archive.ts';
import type { Protection } from '../archive/protectionStore.ts';
import type { StoredCamera, StoredVolume } from '../archive/storageReport.ts';
import type { Fleet } from '../cameras/fleet.ts';
import type { CameraId } from '../domain/ids.ts';
import { validatePolicy } from '../domain/retention.ts';
import {
  nextChange,
  type Schedule,
  validateOverride,
  validateSchedule,
  wantedAt,
} from '../domain/schedule.ts';
import { type Clock, epochMs } from '../domain/time.ts';
import type { Zone } from '../domain/zone.ts';
import type { StoragePort } from '../http/ports.ts';
import type { ScheduleView } from '../http/wire/schedule.ts';
import type { ProtectionView, StorageView } from '../http/wire/storage.ts';

/** What holds until a schedule is set. */
const ALWAYS: Schedule = {
  weekly: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }],
  exceptions: [],
  override: null,
};

type Parts = Pick<Archive, 'cameras' | 'policies' | 'schedules' | 'protections' | 'retention' | 'storage'>;

export function storagePort(archive: Parts, fleet: Fleet, clock: Clock, zone: Zone): StoragePort {
  const { cameras, policies, schedules, protections, retention, storage } = archive;
  const scheduleView = (id: CameraId): ScheduleView => {
    const schedule = schedules.get(id) ?? ALWAYS;
    const now = clock.now();
    return {
      ...schedule,
      wanted: wantedAt(schedule, now, zone),
      nextChangeMs: nextChange(schedule, now, zone),
    };
  };
  const setSchedule = (id: CameraId, schedule: Schedule): ScheduleView => {
    fleet.get(id);
    schedules.set(id, schedule);
    fleet.reschedule(id);
    return scheduleView(id);
  };
  return {
    report() {
      const { rules, volumes, cameras } = storage.report();
      return { whenFull: rules.whenFull, volumes: volumes.map(volumeView), cameras: cameras.map(cameraView) };
    },
    retention(id) {
      cameras.expectKnown(id);
      return policies.get(id);
    },
    setRetention(id, policy) {
      cameras.expectKnown(id);
      policies.set(id, validatePolicy(policy, ''));
      retention.hurry();
      return policies.get(id);
    },
    protections(id) {
      cameras.expectKnown(id);
      return protections.list(id).map(protectionView);
    },
    protect(id, { startMs, endMs, note = '' }, user) {
      cameras.expectKnown(id);
      const interval = { startMs: epochMs(startMs, 'startMs'), endMs: epochMs(endMs, 'endMs') };
      const who = { note: note.trim(), createdMs: clock.now(), createdBy: user };
      return protectionView(protections.add({ cameraId: id, ...interval, ...who }));
    },
    unprotect(id, protection) {
      protections.remove(id, protection);
      retention.hurry();
    },
    schedule(id) {
      fleet.get(id);
      return scheduleView(id);
    },
    setSchedule: (id, input) => setSchedule(id, validateSchedule(input, '')),
    override(id, override) {
      const checked = validateOverride(override, '');
      return setSchedule(id, { ...(schedules.get(id) ?? ALWAYS), override: checked });
    },
  };
}

function protectionView({ id, startMs, endMs, note, createdMs, createdBy }: Protection): ProtectionView {
  return { id, startMs, endMs, note, createdMs, createdBy };
}

function volumeView(volume: StoredVolume): StorageView['volumes'][number] {
  const { id, path, health, space, reserveBytes, alarm, keptMs, fullInMs, shortBytes, damaged } = volume;
  const { state, sinceMs, reason, writeDelayMs } = health;
  return {
    ...{ id, folder: path, state, sinceMs, trouble: reason, writeDelayMs },
    ...{ reserveBytes, keptMs, fullInMs, shortBytes },
    ...{ damagedFiles: damaged.files, damagedBytes: damaged.bytes },
    totalBytes: space?.totalBytes ?? null,
    freeBytes: space?.freeBytes ?? null,
    fillBytesPerSecond: space === null ? null : Math.round(space.fillBytesPerSecond),
    alarm: alarm === null ? null : { sinceMs: alarm.sinceMs, needBytes: alarm.needBytes, left: alarm.left },
  };
}

function cameraView(camera: StoredCamera): StorageView['cameras'][number] {
  const { cameraId, segments, bytes, protectedBytes, oldestMs, newestMs, bytesPerSecond } = camera;
  const { keptMs, limit, unmet, stopped } = camera;
  return {
    ...{ cameraId, segments, bytes, protectedBytes, oldestMs, newestMs, bytesPerSecond },
    ...{ keptMs, limit, unmet, stopped },
  };
}
