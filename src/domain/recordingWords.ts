/** The words of the state machine in `recording.ts`: reasons, causes, states, events, effects. No rules. */
import type { RecordingMode } from './camera.ts';
import type { RunId } from './ids.ts';
import { SOURCE_CAUSES, type SourceCause } from './sourceWords.ts';
import type { EpochMs } from './time.ts';

/** Why a recording begins; `event` will join. */
export type RecordingReason = 'continuous' | 'manual' | 'schedule';

/** Why a recording ends. `crash` is found out afterwards, by recovery. */
export type EndReason =
  | 'stopped'
  | 'mode-changed'
  | 'schedule'
  | 'disabled'
  | 'deleted'
  | 'source-lost'
  | 'new-run'
  | 'storage-failed'
  | 'shutdown'
  | 'crash';

/** Why what arrives cannot be kept. */
export type StorageCause = 'storage' | 'overrun';

/** A sentence for the user for each cause of a gap. `recorder-down` is found out afterwards, by recovery. */
export const GAP_CAUSES = {
  ...SOURCE_CAUSES,
  connecting: 'The camera is being connected.',
  starting: 'The recording is waiting for its first key frame.',
  storage: 'The storage cannot be written.',
  overrun: 'The storage is too slow for what arrives.',
  space: 'The storage is full, and nothing on it may be deleted.',
  shutdown: 'The recorder was shut down.',
  'recorder-down': 'The recorder was not running.',
} as const;

/** Why recording was wanted and no media became durable. */
export type GapCause =
  | SourceCause
  | StorageCause
  | 'space'
  | 'connecting'
  | 'starting'
  | 'shutdown'
  | 'recorder-down';

/** What is known whatever the state. */
export interface Known {
  readonly mode: RecordingMode;
  readonly enabled: boolean;
  /** Between start and stop; only in mode `manual`. */
  readonly started: boolean;
  /** Whether the schedule wants it; matters only in mode `scheduled`. */
  readonly scheduled: boolean;
  /** Stopped for lack of space. */
  readonly crowdedOut: boolean;
  /** Why nothing can be kept, or null when it can. */
  readonly storage: StorageCause | null;
  /** Why nothing comes; `starting` when media comes. */
  readonly source: GapCause;
  /** Shut down or deleted: nothing begins any more. */
  readonly over: boolean;
  /** Where the last recording or gap ended. */
  readonly untilMs: EpochMs | null;
  /** Up to where which run was kept last. */
  readonly kept: { readonly runId: RunId; readonly untilMs: EpochMs } | null;
}

/** Not wanted. */
export interface RecordingIdle {
  readonly name: 'idle';
  readonly sinceMs: EpochMs;
  readonly known: Known;
}
/** Wanted, but nothing is kept: a gap is open, from `sinceMs`. */
export interface RecordingWaiting {
  readonly name: 'waiting';
  readonly reason: RecordingReason;
  readonly cause: GapCause;
  readonly sinceMs: EpochMs;
  readonly known: Known;
}
/** A recording is open, from `sinceMs`. `reason` is why it began, even when it is now wanted for another. */
export interface RecordingActive {
  readonly name: 'recording';
  readonly reason: RecordingReason;
  readonly runId: RunId;
  readonly sinceMs: EpochMs;
  readonly known: Known;
}

export type RecordingState = RecordingIdle | RecordingWaiting | RecordingActive;

export interface At {
  readonly at: EpochMs;
}
export interface Ending extends At {
  readonly endMs: EpochMs;
}

export type RecordingEvent =
  | ({ readonly type: 'configured'; readonly mode: RecordingMode; readonly enabled: boolean } & Ending)
  | ({ readonly type: 'deleted' } & Ending)
  | ({ readonly type: 'start' } & At)
  | ({ readonly type: 'stop' } & Ending)
  /** The schedule wants it from now on, or no longer. */
  | ({ readonly type: 'schedule'; readonly wanted: boolean } & Ending)
  /** Nothing may be kept for lack of space, or it may again. */
  | ({ readonly type: 'space'; readonly short: boolean } & Ending)
  | ({ readonly type: 'key-fragment'; readonly runId: RunId; readonly startMs: EpochMs } & At)
  /** To be sent before a key fragment of the next run, else the old recording is taken to reach up to that. */
  | ({ readonly type: 'run-ended'; readonly runId: RunId; readonly cause: GapCause } & Ending)
  | ({ readonly type: 'storage-failed'; readonly cause: StorageCause } & Ending)
  | ({ readonly type: 'storage-restored' } & At)
  /** The wall clock was set: what was `fromMs` is `toMs`. While recording, of the run's own time, at a key fragment. */
  | ({ readonly type: 'clock-set'; readonly fromMs: EpochMs; readonly toMs: EpochMs } & At)
  /** Why nothing comes now; `starting` when media comes (again). */
  | ({ readonly type: 'source-cause'; readonly cause: GapCause } & At)
  | ({ readonly type: 'shutdown' } & Ending);

export interface Beginning {
  readonly runId: RunId;
  readonly reason: RecordingReason;
  /** Where the recording starts in the books: never within what they already hold. */
  readonly fromMs: EpochMs;
  /** Keep the run's fragments from the first key fragment that starts then or later, by the run's clock. */
  readonly keepFromMs: EpochMs;
}

export type RecordingEffect =
  | ({ readonly type: 'begin' } & Beginning)
  | { readonly type: 'end'; readonly endMs: EpochMs; readonly reason: EndReason }
  | { readonly type: 'open-gap'; readonly fromMs: EpochMs; readonly cause: GapCause }
  | { readonly type: 'update-gap'; readonly cause: GapCause }
  /** At the gap's own start when nothing was missed after all: an empty gap is no gap. */
  | { readonly type: 'close-gap'; readonly atMs: EpochMs };
