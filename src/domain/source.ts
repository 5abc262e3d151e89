/**
 * The state machine of one stream's source: when a pipeline is opened and closed, and what is known of why no
 * media comes. Pure. `at` is wall time for display and is never calculated with: durations are timers, which
 * the shell runs, and measurements, which arrive in events.
 *
 * A pipeline is disposable: each `open` has a new generation, and what an older one still says is dropped.
 */
import { type Pace, paceOf, retryDelayMs } from './backoff.ts';
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
  internal: 'The recorder failed to read the camera.',
} as const;

/** Why no media comes. */
export type SourceCause = keyof typeof SOURCE_CAUSES;

/** Time limit from opening to the first fragment, in milliseconds. */
export const CONNECT_LIMIT_MS = 12_000;
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
interface Tries {
  /** Attempts that failed, for whatever cause. */
  readonly attempt: number;
  /** The same, counted apart for each pace: causes that alternate must not speed each other up. */
  readonly failures: Readonly<Record<Pace, number>>;
  /** Changes of format that were followed at once. */
  readonly reopens: number;
}

interface Being {
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
type OpenState = SourceConnecting | SourceLive | SourceStalled;

interface At {
  readonly at: EpochMs;
}
/** Said by, or measured of, the pipeline of one generation. */
interface Of extends At {
  readonly generation: number;
}
/** May lead to a delay, whose jitter comes from here: evenly distributed in 0..1. */
interface Drawn {
  readonly random: number;
}

export type SourceEvent =
  | ({ readonly type: 'start' } & At)
  | ({ readonly type: 'stop' } & At)
  /** The configuration changed: close and open at once. */
  | ({ readonly type: 'restart' } & At)
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

type Step<S extends SourceState = SourceState> = readonly [S, readonly SourceEffect[]];

const NOTHING: readonly SourceEffect[] = [];
const NO_TRIES: Tries = { attempt: 0, failures: { quick: 0, steady: 0, careful: 0 }, reopens: 0 };

/** A source that was never started. */
export function initialSource(at: EpochMs): SourceOff {
  return { name: 'off', generation: 0, sinceMs: at };
}

/** The next state and what to do, in order. An event that changes nothing gives back the same state object. */
export function reduceSource(state: SourceState, event: SourceEvent): Step {
  if ('generation' in event && event.generation !== state.generation) return [state, NOTHING];
  switch (state.name) {
    case 'off':
      return whenOff(state, event);
    case 'connecting':
      return whenConnecting(state, event);
    case 'live':
      return whenLive(state, event);
    case 'stalled':
      return whenStalled(state, event);
    case 'backoff':
      return whenBackoff(state, event);
  }
}

function whenOff(state: SourceOff, event: SourceEvent): Step {
  switch (event.type) {
    case 'start':
      return open(state, 'start', NO_TRIES, null, event.at);
    case 'stop':
    case 'restart':
    case 'reached':
    case 'fragment':
    case 'silence':
    case 'failed':
    case 'ended':
    case 'timer':
      return [state, NOTHING];
  }
}

function whenConnecting(state: SourceConnecting, event: SourceEvent): Step {
  switch (event.type) {
    case 'reached':
      return state.reached ? [state, NOTHING] : [{ ...state, reached: true }, NOTHING];
    case 'fragment':
      return live(state, event.at, [clear('connect')]);
    case 'timer':
      if (event.timer !== 'connect') return [state, NOTHING];
      return fail(state, told(state.reached ? 'no-media' : 'timed-out'), event);
    case 'stop':
    case 'restart':
    case 'failed':
    case 'ended':
      return whenOpen(state, event);
    case 'start':
    case 'silence':
      return [state, NOTHING];
  }
}

function whenLive(state: SourceLive, event: SourceEvent): Step {
  switch (event.type) {
    case 'silence':
      // Never given up at once, however long the silence: it may be ours, with fragments still to be read.
      if (event.silentMs < STALLED_AFTER_MS) return [state, NOTHING];
      return [{ ...state, name: 'stalled', sinceMs: event.at }, [clear('settle')]];
    case 'timer':
      return event.timer === 'settle' ? [{ ...state, ...NO_TRIES }, NOTHING] : [state, NOTHING];
    case 'stop':
    case 'restart':
    case 'failed':
    case 'ended':
      return whenOpen(state, event);
    case 'start':
    case 'reached':
    case 'fragment':
      return [state, NOTHING];
  }
}

function whenStalled(state: SourceStalled, event: SourceEvent): Step {
  switch (event.type) {
    case 'fragment':
      return live(state, event.at, NOTHING);
    case 'silence':
      return event.silentMs < LOST_AFTER_MS ? [state, NOTHING] : fail(state, told('stalled'), event);
    case 'stop':
    case 'restart':
    case 'failed':
    case 'ended':
      return whenOpen(state, event);
    case 'start':
    case 'reached':
    case 'timer':
      return [state, NOTHING];
  }
}

function whenBackoff(state: SourceBackoff, event: SourceEvent): Step {
  switch (event.type) {
    case 'timer': {
      if (event.timer !== 'retry') return [state, NOTHING];
      const { cause, message } = state;
      return open(state, 'retry', triesOf(state), { cause, message }, event.at);
    }
    case 'stop':
      return off(state, event.at);
    case 'restart':
      return open(state, 'restart', NO_TRIES, null, event.at);
    case 'start':
    case 'reached':
    case 'fragment':
    case 'silence':
    case 'failed':
    case 'ended':
      return [state, NOTHING];
  }
}

/** What means the same whatever an open pipeline is doing. */
function whenOpen(
  state: OpenState,
  event: Extract<SourceEvent, { readonly type: 'stop' | 'restart' | 'failed' | 'ended' }>,
): Step {
  switch (event.type) {
    case 'stop':
      return off(state, event.at);
    case 'restart':
      return open(state, 'restart', NO_TRIES, null, event.at);
    case 'failed':
      return fail(state, { cause: event.cause, message: event.message }, event);
    case 'ended':
      return fail(state, told('ended'), event);
  }
}

function off(state: SourceState, at: EpochMs): Step<SourceOff> {
  return [{ name: 'off', generation: state.generation, sinceMs: at }, leave(state)];
}

function open(
  state: SourceState,
  reason: OpenReason,
  tries: Tries,
  trouble: Trouble | null,
  at: EpochMs,
): Step<SourceConnecting> {
  const generation = state.generation + 1;
  return [
    { name: 'connecting', generation, sinceMs: at, ...tries, reached: false, trouble },
    [
      ...leave(state),
      { type: 'open', generation, reason },
      { type: 'set-timer', timer: 'connect', generation, afterMs: CONNECT_LIMIT_MS },
    ],
  ];
}

function live(
  state: SourceConnecting | SourceStalled,
  at: EpochMs,
  before: readonly SourceEffect[],
): Step<SourceLive> {
  const { generation } = state;
  return [
    { name: 'live', generation, sinceMs: at, ...triesOf(state) },
    [...before, { type: 'set-timer', timer: 'settle', generation, afterMs: SETTLE_MS }],
  ];
}

function fail(state: OpenState, trouble: Trouble, event: At & Drawn): Step {
  const { attempt, failures, reopens } = triesOf(state);
  if (trouble.cause === 'format-changed' && reopens < MOST_REOPENS) {
    return open(state, 'retry', { attempt, failures, reopens: reopens + 1 }, trouble, event.at);
  }
  const { generation } = state;
  const pace = paceOf(trouble.cause);
  const failed = failures[pace] + 1;
  const retryMs = retryDelayMs(failed, trouble.cause, event.random);
  const tries: Tries = { attempt: attempt + 1, failures: { ...failures, [pace]: failed }, reopens };
  return [
    { name: 'backoff', generation, sinceMs: event.at, ...tries, ...trouble, retryMs },
    [...leave(state), { type: 'set-timer', timer: 'retry', generation, afterMs: retryMs }],
  ];
}

/** Puts away what a state holds: its timer and its pipeline. */
function leave(state: SourceState): readonly SourceEffect[] {
  const close = { type: 'close', generation: state.generation } as const;
  switch (state.name) {
    case 'off':
      return NOTHING;
    case 'connecting':
      return [clear('connect'), close];
    case 'live':
      return [clear('settle'), close];
    case 'stalled':
      return [close];
    case 'backoff':
      return [clear('retry')];
  }
}

function clear(timer: SourceTimer): SourceEffect {
  return { type: 'clear-timer', timer };
}

function told(cause: SourceCause): Trouble {
  return { cause, message: SOURCE_CAUSES[cause] };
}

function triesOf({ attempt, failures, reopens }: Tries): Tries {
  return { attempt, failures, reopens };
}
