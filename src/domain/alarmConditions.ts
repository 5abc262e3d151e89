/** What is wrong, from what is known of cameras, storage and clock: the conditions of alarms. Pure. */
import type { Condition } from './alarms.ts';
import type { CameraId } from './ids.ts';
import { DAY_MS, type EpochMs } from './time.ts';

/** From when on an alarm is wanted. */
export interface AlarmRules {
  /** So long nothing of a camera that should be recorded has reached the disk, in ms. */
  readonly notDurableMs: number;
  /** Footage is to be kept at least so long, in ms; null when that is nobody's business. */
  readonly keptMs: number | null;
}

export interface CameraSight {
  readonly id: CameraId;
  readonly name: string;
  readonly wanted: boolean;
  /** For how long nothing more has become durable, while it was wanted, in ms. */
  readonly idleMs: number;
  /** Why, if it is known. */
  readonly why: string | null;
}

export interface ForecastSight {
  readonly cameraId: CameraId;
  /** How far back its footage will reach, where space is what limits it; null where it is not. */
  readonly keptMs: number | null;
  readonly unmet: readonly ('age' | 'bytes')[];
}

export interface FolderSight {
  readonly id: number;
  readonly path: string;
  readonly trouble: string | null;
  /** Nothing may be deleted although space is needed. */
  readonly full: boolean;
}

/** A clock that steps by so much between two looks was set; a smaller step is a correction. */
export const STEP_MS = 2_000;
/** What was recorded so much later than now was recorded by a clock that was wrong, or this one is. */
const AHEAD_MS = 60_000;
/** Nothing was ever recorded before. */
const FIRST_POSSIBLE_MS = Date.UTC(2024, 0, 1);

/** Cameras of which nothing is kept although it should be. */
export function cameraConditions(cameras: readonly CameraSight[], rules: AlarmRules): Condition[] {
  return cameras
    .filter(({ wanted, idleMs }) => wanted && idleMs >= rules.notDurableMs)
    .map(({ id, name, idleMs, why }) => ({
      kind: 'not-durable',
      subject: id,
      cameraId: id,
      text: `Nothing of ${name} has reached the disk for ${Math.floor(idleMs / 1000)} s. ${why ?? ''}`.trim(),
    }));
}

/** Cameras whose footage will go too soon, or does not go when it should. */
export function storageConditions(
  cameras: readonly ForecastSight[],
  rules: AlarmRules,
  nameOf: (id: CameraId) => string,
): Condition[] {
  const short = cameras.filter(
    ({ keptMs }) => keptMs !== null && rules.keptMs !== null && keptMs < rules.keptMs,
  );
  return [
    ...short.map(
      ({ cameraId, keptMs }): Condition => ({
        kind: 'short-storage',
        subject: cameraId,
        cameraId,
        text: `Footage of ${nameOf(cameraId)} will be kept for ${((keptMs ?? 0) / DAY_MS).toFixed(1)} days only.`,
      }),
    ),
    ...cameras.flatMap(({ cameraId, unmet }) =>
      unmet.map(
        (limit): Condition => ({
          kind: 'limit-unmet',
          subject: `${cameraId}-${limit}`,
          cameraId,
          text: `Footage of ${nameOf(cameraId)} is ${limit === 'age' ? 'older' : 'more'} than its limit, and may not be deleted.`,
        }),
      ),
    ),
  ];
}

/** Folders that are out of use or full. */
export function folderConditions(folders: readonly FolderSight[]): Condition[] {
  return folders.flatMap(({ id, path, trouble, full }): Condition[] => [
    ...(trouble === null
      ? []
      : [
          { kind: 'folder-missing' as const, subject: String(id), text: `${path} is out of use. ${trouble}` },
        ]),
    ...(full
      ? [
          {
            kind: 'storage-full' as const,
            subject: String(id),
            text: `${path} is full, and nothing on it may be deleted.`,
          },
        ]
      : []),
  ]);
}

/**
 * A clock that can't be right.
 * @param stepMs by how much it was set since the last look
 * @param newestMs end of the newest footage; null when there is none
 */
export function clockConditions(now: EpochMs, stepMs: number, newestMs: EpochMs | null): Condition[] {
  const wrong = (text: string): Condition[] => [{ kind: 'clock-wrong', subject: '', text }];
  if (now < FIRST_POSSIBLE_MS) return wrong('The clock of this machine is years behind.');
  if (newestMs !== null && newestMs > now + AHEAD_MS) {
    return wrong('There is footage of the future: the clock of this machine is behind, or was ahead.');
  }
  if (Math.abs(stepMs) < STEP_MS) return [];
  const seconds = Math.round(Math.abs(stepMs) / 1000);
  return wrong(`The clock of this machine was set ${stepMs > 0 ? 'forward' : 'back'} by ${seconds} s.`);
}
