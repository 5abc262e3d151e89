/**
 * The state machine of one stream's source: when a pipeline is opened and closed, and what is known of why no
 * media comes. Pure. `at` is wall time for display and is never calculated with: durations are timers, which
 * the shell runs, and measurements, which arrive in events.
 *
 * A pipeline is disposable: each `open` has a new generation, and what an older one still says is dropped.
 */
import { paceOf, retryDelayMs } from './backoff.ts';
import {
  type At,
  CONNECT_LIMIT_MS,
  type Drawn,
  LOST_AFTER_MS,
  MOST_REOPENS,
  type OpenReason,
  PREPARE_LIMIT_MS,
  SETTLE_MS,
  SOURCE_CAUSES,
  type SourceBackoff,
  type SourceCause,
  type SourceConnecting,
  type SourceEffect,
  type SourceEvent,
  type SourceLive,
  type SourceOff,
  type SourceStalled,
  type SourceState,
  type SourceTimer,
  STALLED_AFTER_MS,
  type Tries,
  type Trouble,
} from './sourceWords.ts';
import type { EpochMs } from './time.ts';

export * from './sourceWords.ts';

type OpenState = SourceConnecting | SourceLive | SourceStalled;

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
    case 'preparing':
    case 'prepared':
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
    case 'preparing':
      return [state, [connectLimit(state.generation, PREPARE_LIMIT_MS)]];
    case 'prepared':
      return [state, [connectLimit(state.generation, CONNECT_LIMIT_MS)]];
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
    case 'preparing':
    case 'prepared':
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
    case 'preparing':
    case 'prepared':
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
    case 'preparing':
    case 'prepared':
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
    [...leave(state), { type: 'open', generation, reason }, connectLimit(generation, CONNECT_LIMIT_MS)],
  ];
}

function connectLimit(generation: number, afterMs: number): SourceEffect {
  return { type: 'set-timer', timer: 'connect', generation, afterMs };
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
