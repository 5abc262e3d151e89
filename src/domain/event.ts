/** The words of events: what happened, when, and to which camera. Kinds are a closed list with a sentence each. */
import { NvrError } from './errors.ts';
import type { CameraId } from './ids.ts';
import { DAY_MS, type EpochMs, type Interval } from './time.ts';

declare const brand: unique symbol;

/** Number of an event: each is greater than all before it, so that a listener can go on where it stopped. */
export type EventId = number & { readonly [brand]: 'EventId' };

/** Every kind there is, and what an event of it says. */
export const EVENT_KINDS = {
  'camera-online': 'Media of the camera arrives.',
  'camera-offline': 'Media of the camera no longer arrives; the cause says why.',
  sound: 'The sound of a device went away, or came back; its picture is recorded all the same.',
  'recording-started': 'A recording of the camera began; the reason says why.',
  'recording-stopped': 'A recording of the camera ended; the reason says why.',
  'gap-begun': 'Recording is wanted and nothing is kept, from now on; the cause says why.',
  'gap-ended':
    'Recording is wanted and kept again, or is no longer wanted: the whole interval that is missing.',
  retention: 'Old footage was deleted by the rules.',
  volume: 'A folder of footage went away, came back, or is short of space.',
  login: 'Somebody logged in, or tried to without success.',
  configuration: 'Somebody changed a camera or a setting.',
  'alarm-raised': 'Something needs a person’s attention.',
  'alarm-cleared': 'It no longer does.',
  mark: 'A person marked a moment or an interval by hand.',
  activity: 'The picture changed: somebody or something moved.',
  encoder: 'Which encoder is used changed, or one failed.',
  system: 'The recorder was started or stopped.',
  clock: 'The clock of the recorder’s machine was set; what was recorded before keeps the times it had.',
} as const;

export type EventKind = keyof typeof EVENT_KINDS;

/** Shown to administrators only: they name users and what they did. */
export const PRIVATE_KINDS: readonly EventKind[] = ['login', 'configuration'];

export type EventValue = string | number | boolean | null;

/** What happened. */
export interface NvrEvent {
  readonly id: EventId;
  readonly atMs: EpochMs;
  /** Of an interval: after `atMs`. Absent of a moment, and while the interval lasts. */
  readonly endMs?: EpochMs;
  readonly kind: EventKind;
  /** Absent when it is of no single camera. */
  readonly cameraId?: CameraId;
  /** A sentence for people. Never holds a secret. */
  readonly text: string;
  /** The same for programs: few values, whose keys depend on the kind. Never holds a secret. */
  readonly data: Readonly<Record<string, EventValue>>;
}

/** What is told: without an id, and at the moment it is told unless it says otherwise. */
export type EventDraft = Pick<NvrEvent, 'kind' | 'text'> &
  Partial<Pick<NvrEvent, 'atMs' | 'endMs' | 'cameraId' | 'data'>>;

/** What became of an event. */
export type EventChange = 'added' | 'changed' | 'removed';

/** Which events are wanted; null is all of them. */
export interface EventFilter {
  readonly kinds: readonly EventKind[] | null;
  readonly cameras: readonly CameraId[] | null;
}

/** A place in the list, which is sorted newest first and, among equals, by id. */
export interface EventPosition {
  readonly atMs: EpochMs;
  readonly id: EventId;
}

/** Which events; every null is "whatever it is". */
export interface EventQuery {
  readonly cameras: readonly CameraId[] | null;
  /** Whether events of no camera are wanted as well; matters only where `cameras` is a list. */
  readonly general: boolean;
  readonly kinds: readonly EventKind[] | null;
  /** Those that reach into `[fromMs, toMs)`. */
  readonly fromMs: EpochMs | null;
  readonly toMs: EpochMs | null;
  /** Part of the text, in any case. */
  readonly text: string | null;
  /** Only what comes after it in the list, which is older. */
  readonly after: EventPosition | null;
  readonly limit: number;
}

/** Longest interval of one event, in milliseconds: it bounds how far a search has to look back. */
export const LONGEST_EVENT_MS = 7 * DAY_MS;
export const LONGEST_TEXT = 1_000;

/** Whether a text names a kind. */
export function isEventKind(text: string): text is EventKind {
  return Object.hasOwn(EVENT_KINDS, text);
}

/** Whether an event is among those that are wanted. What is of no camera passes only where all cameras are wanted. */
export function passes(
  filter: EventFilter,
  { kind, cameraId }: Pick<NvrEvent, 'kind' | 'cameraId'>,
): boolean {
  if (filter.kinds !== null && !filter.kinds.includes(kind)) return false;
  if (filter.cameras === null) return true;
  return cameraId !== undefined && filter.cameras.includes(cameraId);
}

/** @throws NvrError `invalid` unless the interval ends after it begins and is at most a week long. */
export function checkSpan({ startMs, endMs }: Interval): void {
  if (endMs <= startMs) throw new NvrError('invalid', 'An event ends after it begins.', { field: 'endMs' });
  if (endMs - startMs > LONGEST_EVENT_MS) {
    throw new NvrError('invalid', 'An event lasts seven days at most.', { field: 'endMs' });
  }
}
