/**
 * Alarms: conditions that need a person, de-bounced so that what comes and goes is told once. Pure. Durations are
 * measured on the clock that never steps; wall time is for people.
 */
import type { CameraId } from './ids.ts';
import type { EpochMs } from './time.ts';

/** Every kind there is, and what it says. */
export const ALARM_KINDS = {
  'not-durable': 'A camera should be recorded, and nothing of it reaches the disk.',
  'short-storage': 'Footage of a camera will be kept for less time than is wanted.',
  'folder-missing': 'A folder of footage is out of use.',
  'clock-wrong': 'The clock of this machine is wrong, or was set.',
  'storage-full': 'Space is needed, and the rules leave nothing to delete.',
  'limit-unmet': 'A limit of retention can’t be kept.',
} as const;

export type AlarmKind = keyof typeof ALARM_KINDS;

/** How long a condition has to hold, and to be gone, before that is told, in ms. */
const PATIENCE: Readonly<Record<AlarmKind, { readonly raiseMs: number; readonly clearMs: number }>> = {
  // How long nothing reached the disk is part of the condition.
  'not-durable': { raiseMs: 0, clearMs: 10_000 },
  'short-storage': { raiseMs: 300_000, clearMs: 600_000 },
  'folder-missing': { raiseMs: 4_000, clearMs: 10_000 },
  'clock-wrong': { raiseMs: 0, clearMs: 60_000 },
  'storage-full': { raiseMs: 0, clearMs: 30_000 },
  'limit-unmet': { raiseMs: 60_000, clearMs: 60_000 },
};

/** What is not as it should be, as it is seen at one moment. */
export interface Condition {
  readonly kind: AlarmKind;
  /** Tells conditions of one kind apart: letters, digits and hyphens; empty when there is only one. */
  readonly subject: string;
  readonly cameraId?: CameraId;
  /** A sentence for people. */
  readonly text: string;
}

export interface Acknowledgement {
  readonly by: string;
  readonly atMs: EpochMs;
}

/** An alarm that was raised and is not cleared. */
export interface Alarm extends Condition {
  /** Kind and subject: the same condition has the same id whenever it comes. */
  readonly id: string;
  readonly sinceMs: EpochMs;
  /** Who has seen it; null while nobody has. */
  readonly acknowledged: Acknowledgement | null;
}

interface Watched {
  readonly alarm: Alarm;
  readonly raised: boolean;
  /** On the steady clock: when the condition was first seen, and last. */
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Everything that is watched, by id. */
export type AlarmState = ReadonlyMap<string, Watched>;

export interface AlarmNews {
  readonly type: 'raised' | 'cleared';
  readonly alarm: Alarm;
}

export const NO_ALARMS: AlarmState = new Map();

/** One moment: wall time, and that of the clock that never steps. */
export interface Instant {
  readonly wallMs: EpochMs;
  readonly steadyMs: number;
}

/** The next state from everything that is wrong now, and what is to be told. */
export function observeAlarms(
  state: AlarmState,
  conditions: readonly Condition[],
  now: Instant,
): readonly [AlarmState, readonly AlarmNews[]] {
  const next = new Map<string, Watched>();
  const news: AlarmNews[] = [];
  for (const condition of conditions) {
    const id = idOf(condition);
    const seen = see(state.get(id) ?? null, { ...condition, id }, now);
    next.set(id, seen);
    if (seen.raised && state.get(id)?.raised !== true) news.push({ type: 'raised', alarm: seen.alarm });
  }
  for (const [id, watched] of state) {
    if (next.has(id)) continue;
    // What was never raised is forgotten at once: it did not hold.
    if (!watched.raised) continue;
    if (now.steadyMs - watched.lastMs < PATIENCE[watched.alarm.kind].clearMs) next.set(id, watched);
    else news.push({ type: 'cleared', alarm: watched.alarm });
  }
  return [next, news];
}

/** Somebody has seen it. Gives the same state when there is no such alarm, or it was seen before. */
export function acknowledge(state: AlarmState, id: string, acknowledged: Acknowledgement): AlarmState {
  const watched = state.get(id);
  if (watched?.raised !== true || watched.alarm.acknowledged !== null) return state;
  return new Map(state).set(id, { ...watched, alarm: { ...watched.alarm, acknowledged } });
}

/** Those that are raised, the oldest first. */
export function raisedAlarms(state: AlarmState): readonly Alarm[] {
  return [...state.values()]
    .filter(({ raised }) => raised)
    .sort((a, b) => a.firstMs - b.firstMs)
    .map(({ alarm }) => alarm);
}

function idOf({ kind, subject }: Condition): string {
  return subject === '' ? kind : `${kind}.${subject}`;
}

function see(
  before: Watched | null,
  condition: Condition & Pick<Alarm, 'id'>,
  { wallMs, steadyMs }: Instant,
): Watched {
  const firstMs = before?.firstMs ?? steadyMs;
  return {
    alarm: {
      ...condition,
      sinceMs: before?.alarm.sinceMs ?? wallMs,
      acknowledged: before?.alarm.acknowledged ?? null,
    },
    firstMs,
    lastMs: steadyMs,
    raised: before?.raised === true || steadyMs - firstMs >= PATIENCE[condition.kind].raiseMs,
  };
}
