/**
 * The state machine of one camera's recording: what is wanted against what is possible. It decides where
 * recordings and gaps begin and end, and why; it writes nothing itself. Pure.
 *
 * Whoever runs it keeps two promises. While the state is `waiting`, the newest run's key fragments are offered
 * with `key-fragment`, those still in the ring first. And `endMs` is where footage ends, a time of the run: the
 * end of the last fragment kept; it matters only while recording.
 *
 * Wall clocks step, so times are compared only to keep intervals in order, never subtracted.
 */
import type { Camera } from './camera.ts';
import type {
  Beginning,
  Ending,
  EndReason,
  GapCause,
  Known,
  RecordingActive,
  RecordingEffect,
  RecordingEvent,
  RecordingIdle,
  RecordingReason,
  RecordingState,
  RecordingWaiting,
} from './recordingWords.ts';
import type { EpochMs } from './time.ts';

export * from './recordingWords.ts';

type Step = readonly [RecordingState, readonly RecordingEffect[]];

const NOTHING: readonly RecordingEffect[] = [];

/** Nothing is wanted until the first `configured`. */
export function initialRecording(at: EpochMs): RecordingIdle {
  return {
    name: 'idle',
    sinceMs: at,
    known: {
      mode: 'off',
      enabled: false,
      started: false,
      scheduled: false,
      crowdedOut: false,
      storage: null,
      source: 'starting',
      over: false,
      untilMs: null,
      kept: null,
    },
  };
}

/** Whether a start command makes sense, and the sentence for the user when it does not. */
export function canStart(
  camera: Pick<Camera, 'mode' | 'enabled'>,
): { readonly allowed: true } | { readonly allowed: false; readonly reason: string } {
  if (!camera.enabled) return { allowed: false, reason: 'The camera is disabled.' };
  if (camera.mode === 'off') return { allowed: false, reason: 'Recording of this camera is switched off.' };
  if (camera.mode === 'scheduled') {
    return { allowed: false, reason: 'This camera records by its schedule: override that for a while.' };
  }
  return { allowed: true };
}

/** Why recording is wanted, or null when it is not. */
export function wantedReason({ known }: RecordingState): RecordingReason | null {
  if (!known.enabled) return null;
  switch (known.mode) {
    case 'continuous':
      return 'continuous';
    case 'manual':
      return known.started ? 'manual' : null;
    case 'scheduled':
      return known.scheduled ? 'schedule' : null;
    case 'off':
      return null;
  }
}

/** The next state and what to do, in order. An event that changes nothing gives back the same state object. */
export function reduceRecording(state: RecordingState, event: RecordingEvent): Step {
  const { known } = state;
  if (known.over) return [state, NOTHING];
  switch (event.type) {
    case 'configured': {
      const { mode, enabled } = event;
      // What ends the wish ends the command: a recording never resumes on its own after that.
      const started = known.started && enabled && mode === 'manual';
      return follow(know(state, { mode, enabled, started }), event, enabled ? 'mode-changed' : 'disabled');
    }
    case 'deleted':
      return follow(know(state, { enabled: false, started: false, over: true }), event, 'deleted');
    case 'start':
      if (!known.enabled || known.mode !== 'manual') return [state, NOTHING];
      return follow(know(state, { started: true }), { at: event.at, endMs: event.at }, 'stopped');
    case 'stop':
      return follow(know(state, { started: false }), event, 'stopped');
    case 'schedule':
      return follow(know(state, { scheduled: event.wanted }), event, 'schedule');
    case 'space': {
      const next = know(state, { crowdedOut: event.short });
      return event.short ? lose(next, event.endMs, 'storage-failed') : explain(next);
    }
    case 'key-fragment':
      return offer(know(state, { source: 'starting' }), event);
    case 'run-ended':
      if (state.name === 'recording' && state.runId !== event.runId) return [state, NOTHING];
      return lose(know(state, { source: event.cause }), event.endMs, endReasonOf(event.cause));
    case 'storage-failed':
      return lose(know(state, { storage: event.cause }), event.endMs, 'storage-failed');
    case 'storage-restored':
      return explain(know(state, { storage: null }));
    case 'source-cause':
      return explain(know(state, { source: event.cause }));
    case 'clock-set':
      return goOn(state, event);
    case 'shutdown':
      return shutDown(know(state, { over: true }), event);
  }
}

/** The wish may have changed. */
function follow(state: RecordingState, event: Ending, reason: EndReason): Step {
  const wanted = wantedReason(state);
  switch (state.name) {
    case 'idle':
      return wanted === null ? [state, NOTHING] : wait(state.known, wanted, event.at, causeOf(state.known));
    case 'waiting':
      if (wanted === null) return rest(state, event.at, closeGap(state, event.at));
      return [wanted === state.reason ? state : { ...state, reason: wanted }, NOTHING];
    case 'recording':
      return wanted === null ? rest(state, event.at, end(state, event.endMs, reason)) : [state, NOTHING];
  }
}

/** Media of a run can be had from a key fragment on. */
function offer(state: RecordingState, event: KeyFragment): Step {
  switch (state.name) {
    case 'idle':
      return [state, NOTHING];
    case 'waiting': {
      if (state.known.crowdedOut || state.known.storage !== null) return explain(state);
      const start = beginning(state.known, state.reason, event);
      return begin(state.known, start, closeGap(state, earlier(start.fromMs, event.at)));
    }
    case 'recording': {
      if (state.runId === event.runId) return [state, NOTHING];
      const ended = end(state, event.startMs, 'new-run');
      const known = after(state, ended);
      return begin(known, beginning(known, reasonNow(state), event), ended);
    }
  }
}

/** Nothing can be kept any more, or for one more reason. */
function lose(state: RecordingState, endMs: EpochMs, reason: EndReason): Step {
  if (state.name !== 'recording') return explain(state);
  return miss(state, end(state, endMs, reason), causeOf(state.known));
}

/** The cause of an open gap may have changed. That nothing is in the way any more is none: what was, stays the cause. */
function explain(state: RecordingState): Step {
  if (state.name !== 'waiting') return [state, NOTHING];
  const cause = causeOf(state.known);
  return cause === state.cause || cause === 'starting'
    ? [state, NOTHING]
    : [{ ...state, cause }, [{ type: 'update-gap', cause }]];
}

/** The hours that a clock leaps over were neither recorded nor missed; those that it repeats are told twice. */
function goOn(state: RecordingState, { fromMs, toMs }: Extract<RecordingEvent, { type: 'clock-set' }>): Step {
  switch (state.name) {
    case 'idle':
      return [state, NOTHING];
    case 'waiting': {
      const closed = closeGap(state, fromMs);
      return wait(after(state, closed), state.reason, toMs, state.cause, [closed]);
    }
    case 'recording': {
      const ended = end(state, fromMs, 'new-run');
      const { runId } = state;
      const start = { runId, reason: reasonNow(state), fromMs: toMs, keepFromMs: toMs };
      return begin(after(state, ended), start, ended);
    }
  }
}

/** What is wanted will be missed from now on: a gap that stays open until the recorder is back. */
function shutDown(state: RecordingState, event: Ending): Step {
  switch (state.name) {
    case 'idle':
      return [state, NOTHING];
    case 'waiting':
      return miss(state, closeGap(state, event.at), 'shutdown');
    case 'recording':
      return miss(state, end(state, event.endMs, 'shutdown'), 'shutdown');
  }
}

type KeyFragment = Extract<RecordingEvent, { readonly type: 'key-fragment' }>;
type End = Extract<RecordingEffect, { readonly type: 'end' }>;
type CloseGap = Extract<RecordingEffect, { readonly type: 'close-gap' }>;

function end(state: RecordingActive, endMs: EpochMs, reason: EndReason): End {
  return { type: 'end', endMs: later(endMs, state.sinceMs), reason };
}

function closeGap(state: RecordingWaiting, atMs: EpochMs): CloseGap {
  return { type: 'close-gap', atMs: later(atMs, state.sinceMs) };
}

function after(
  state: RecordingWaiting | RecordingActive,
  last: End | CloseGap,
): Known & { readonly untilMs: EpochMs } {
  const untilMs = last.type === 'end' ? last.endMs : last.atMs;
  const kept = state.name === 'recording' ? { runId: state.runId, untilMs } : state.known.kept;
  return { ...state.known, untilMs, kept };
}

function rest(state: RecordingWaiting | RecordingActive, at: EpochMs, last: End | CloseGap): Step {
  return [{ name: 'idle', sinceMs: at, known: after(state, last) }, [last]];
}

/** A gap follows at once on what has ended. */
function miss(state: RecordingWaiting | RecordingActive, last: End | CloseGap, cause: GapCause): Step {
  const known = after(state, last);
  return wait(known, reasonNow(state), known.untilMs, cause, [last]);
}

function wait(
  known: Known,
  reason: RecordingReason,
  fromMs: EpochMs,
  cause: GapCause,
  before: readonly RecordingEffect[] = NOTHING,
): Step {
  return [
    { name: 'waiting', reason, cause, sinceMs: fromMs, known },
    [...before, { type: 'open-gap', fromMs, cause }],
  ];
}

function begin(known: Known, start: Beginning, last: End | CloseGap): Step {
  const { runId, reason, fromMs } = start;
  return [{ name: 'recording', reason, runId, sinceMs: fromMs, known }, [last, { type: 'begin', ...start }]];
}

/** The ring reaches back: what is kept already, or was told to be missing, is not claimed again. */
function beginning({ untilMs, kept }: Known, reason: RecordingReason, offered: KeyFragment): Beginning {
  const { runId, startMs, at } = offered;
  // Within one run its clock decides, which never steps.
  const keepFromMs = kept?.runId === runId ? later(startMs, kept.untilMs) : startMs;
  // An end that is still to come means that the wall clock was set back: it says nothing about this start.
  const fromMs = untilMs === null || untilMs > at ? keepFromMs : later(keepFromMs, untilMs);
  return { runId, reason, fromMs, keepFromMs };
}

/** A recording may have begun for another reason than it is wanted for now. */
function reasonNow(state: RecordingWaiting | RecordingActive): RecordingReason {
  return wantedReason(state) ?? state.reason;
}

/** We ourselves replace the run in these cases; the source was not lost. */
function endReasonOf(cause: GapCause): EndReason {
  return cause === 'connecting' || cause === 'format-changed' ? 'new-run' : 'source-lost';
}

/** Storage comes first: it is what somebody has to put right. */
function causeOf(known: Known): GapCause {
  return known.crowdedOut ? 'space' : (known.storage ?? known.source);
}

function know<S extends RecordingState>(state: S, news: Partial<Known>): S {
  const known: Known = { ...state.known, ...news };
  const before = Object.values(state.known);
  return Object.values(known).every((value, index) => value === before[index]) ? state : { ...state, known };
}

function earlier(a: EpochMs, b: EpochMs): EpochMs {
  return a < b ? a : b;
}

function later(a: EpochMs, b: EpochMs): EpochMs {
  return a > b ? a : b;
}
