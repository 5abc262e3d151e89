/** The words of the state machine in `source.ts`: causes, limits, states, events, effects. No rules. */
import type { Pace } from './backoff.ts';
import type { EpochMs } from './time.ts';

/** A sentence for the user for each cause. */
export const SOURCE_CAUSES = {
  unreachable: 'The camera cannot be reached.',
  unauthorised: 'The camera refuses the user name or the password.',
  'not-found': 'The camera has no stream at this address.',
  'no-media': 'The camera answers but sends no media.',
  'unsupported-codec': 'The camera sends a codec that cannot be recorded.',
  'format-changed': 'The camera changed the format of its media.',
  stalled: 'The camera stopped sending media.',
  ended: 'The camera ended the stream.',
  'timed-out': 'The camera did not answer in time.',
  busy: 'The device is used by another program.',
  'not-permitted': 'The recorder may not use the device.',
  'no-signal': 'Nothing is connected to the device, or it is off.',
  encoder: 'The encoder failed.',
  internal: 'The recorder failed to read the camera.',
} as const;

/** Why no media comes. */
export type SourceCause = keyof typeof SOURCE_CAUSES;

/** Time limit from opening to the first fragment, in milliseconds; what the recorder prepares first does not count. */
export const CONNECT_LIMIT_MS = 12_000;
/** The same of what is prepared: small machines take long to start a process and to try their encoders. */
export const PREPARE_LIMIT_MS = 180_000;
/** A source that was live for so long has settled: its earlier failures are forgotten. */
export const SETTLE_MS = 30_000;
/** Silence after which a live source is stalled, and after which a stalled one is given up. */
export const STALLED_AFTER_MS = 3_000;
export const LOST_AFTER_MS = 6_000;
/** So many changes of format in a row are followed at once; more are a camera that flaps. */
export const MOST_REOPENS = 3;

export type SourceTimer = 'connect' | 'retry' | 'settle';

/** What went wrong last: for the user, `message` may say more than the sentence of the cause. */
export interface Trouble {
  readonly cause: SourceCause;
  readonly message: string;
}

/** The failures since the source last settled. */
export interface Tries {
  /** Attempts that failed, for whatever cause. */
  readonly attempt: number;
  /** The same, counted apart for each pace: causes that alternate must not speed each other up. */
  readonly failures: Readonly<Record<Pace, number>>;
  /** Changes of format that were followed at once. */
  readonly reopens: number;
}

export interface Being {
  /** Of the pipeline that is open, or was last. */
  readonly generation: number;
  /** When this state began. */
  readonly sinceMs: EpochMs;
}

/** Not wanted. */
export type SourceOff = Being & { readonly name: 'off' };
/** Opened; no fragment yet. */
export type SourceConnecting = Being &
  Tries & {
    readonly name: 'connecting';
    /** Whether the camera answered, so that a missing first fragment means `no-media`, not `timed-out`. */
    readonly reached: boolean;
    /** Why the attempt before this one failed, if there was one. */
    readonly trouble: Trouble | null;
  };
/** Fragments arrive. */
export type SourceLive = Being & Tries & { readonly name: 'live' };
/** Still open, but silent. */
export type SourceStalled = Being & Tries & { readonly name: 'stalled' };
/** Closed, and waiting to try again. */
export type SourceBackoff = Being &
  Tries &
  Trouble & {
    readonly name: 'backoff';
    /** The delay from `sinceMs` to the next attempt, a duration. */
    readonly retryMs: number;
  };

export type SourceState = SourceOff | SourceConnecting | SourceLive | SourceStalled | SourceBackoff;

export interface At {
  readonly at: EpochMs;
}
/** Said by, or measured of, the pipeline of one generation. */
export interface Of extends At {
  readonly generation: number;
}
/** May lead to a delay, whose jitter comes from here: evenly distributed in 0..1. */
export interface Drawn {
  readonly random: number;
}

export type SourceEvent =
  | ({ readonly type: 'start' } & At)
  | ({ readonly type: 'stop' } & At)
  /** The configuration changed: close and open at once. */
  | ({ readonly type: 'restart' } & At)
  /** The recorder needs time of its own before it can ask, which is not the camera's; then it is ready. */
  | ({ readonly type: 'preparing' | 'prepared' } & Of)
  /** The camera answered and described its media. Optional: it only sharpens the cause of a time-out. */
  | ({ readonly type: 'reached' } & Of)
  /** Media arrived: at least the first of a run and the first after a silence; sending each is harmless. */
  | ({ readonly type: 'fragment' } & Of)
  /** How long no fragment came, measured about once a second. */
  | ({ readonly type: 'silence'; readonly silentMs: number } & Of & Drawn)
  | ({ readonly type: 'failed'; readonly cause: SourceCause; readonly message: string } & Of & Drawn)
  | ({ readonly type: 'ended' } & Of & Drawn)
  /** Carries the generation of the effect that set it, so that one that had already fired is dropped. */
  | ({ readonly type: 'timer'; readonly timer: SourceTimer } & Of & Drawn);

/** `retry` also when a change of format is followed at once. */
export type OpenReason = 'start' | 'retry' | 'restart';

export type SourceEffect =
  | { readonly type: 'open'; readonly generation: number; readonly reason: OpenReason }
  | { readonly type: 'close'; readonly generation: number }
  /** Replaces a timer of the same name. */
  | {
      readonly type: 'set-timer';
      readonly timer: SourceTimer;
      readonly generation: number;
      readonly afterMs: number;
    }
  /** Of a timer that is not set (any more), does nothing. */
  | { readonly type: 'clear-timer'; readonly timer: SourceTimer };
