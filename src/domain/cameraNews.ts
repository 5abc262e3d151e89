/** What the states of a camera become as events: which changes are worth telling, and their sentences. Pure. */
import type { EventDraft } from './event.ts';
import type { CameraId } from './ids.ts';
import { type EndReason, GAP_CAUSES, type GapCause, type RecordingReason } from './recordingWords.ts';
import { SOURCE_CAUSES, type SourceCause, type SourceState, type Trouble } from './sourceWords.ts';
import type { EpochMs, Interval } from './time.ts';

const BEGIN_SENTENCES: Readonly<Record<RecordingReason, string>> = {
  continuous: 'Recording round the clock began.',
  manual: 'A recording by hand began.',
  schedule: 'A recording by the schedule began.',
};

const END_SENTENCES: Readonly<Record<EndReason, string>> = {
  stopped: 'The recording was stopped by hand.',
  'mode-changed': 'The recording ended because the recording mode was changed.',
  schedule: 'The recording ended by the schedule.',
  disabled: 'The recording ended because the camera was disabled.',
  deleted: 'The recording ended because the camera was deleted.',
  'source-lost': 'The recording ended because no more media came.',
  'new-run': 'The recording ended because the camera was connected anew.',
  'storage-failed': 'The recording ended because the storage failed.',
  shutdown: 'The recording ended because the recorder was shut down.',
  crash: 'The recording ended when the recorder was cut off.',
};

/** What was last told of a camera's source: null before anything was. */
export type ToldOfSource = 'online' | SourceCause | 'off' | null;

/**
 * What a state of a source means for who was told of it until now. Attempts to connect are no news; that they fail
 * for another reason than before is.
 */
export function sourceNews(
  cameraId: CameraId,
  told: ToldOfSource,
  state: SourceState,
): readonly [ToldOfSource, EventDraft | null] {
  const atMs = state.sinceMs;
  switch (state.name) {
    case 'live':
      if (told === 'online') return [told, null];
      return [
        'online',
        { kind: 'camera-online', cameraId, atMs, text: 'Media of the camera arrives.', data: {} },
      ];
    case 'connecting':
      return [told, null];
    case 'off':
      if (told === null || told === 'off') return ['off', null];
      return ['off', offline(cameraId, atMs, null, 'The camera was switched off.')];
    case 'stalled':
      return told === 'stalled'
        ? [told, null]
        : ['stalled', offline(cameraId, atMs, 'stalled', SOURCE_CAUSES.stalled)];
    case 'backoff':
      return sameTrouble(told, state.cause)
        ? [told, null]
        : [state.cause, offline(cameraId, atMs, state.cause, state.message)];
  }
}

/** A camera that is not there is found out in either way, and often in turn. */
function sameTrouble(told: ToldOfSource, cause: SourceCause): boolean {
  const absent: readonly ToldOfSource[] = ['unreachable', 'timed-out'];
  return told === cause || (absent.includes(told) && absent.includes(cause));
}

/** The sound of a device went away, or is back (null); the picture goes on. */
export function soundNews(cameraId: CameraId, silent: Trouble | null): EventDraft {
  const text =
    silent === null
      ? 'The sound is recorded again.'
      : `The picture is recorded without its sound. ${silent.message}`;
  return { kind: 'sound', cameraId, text, data: { cause: silent?.cause ?? null } };
}

/** A recording began. */
export function recordingStarted(cameraId: CameraId, reason: RecordingReason, atMs: EpochMs): EventDraft {
  return { kind: 'recording-started', cameraId, atMs, text: BEGIN_SENTENCES[reason], data: { reason } };
}

/** A recording ended. */
export function recordingStopped(cameraId: CameraId, reason: EndReason, atMs: EpochMs): EventDraft {
  return { kind: 'recording-stopped', cameraId, atMs, text: END_SENTENCES[reason], data: { reason } };
}

/** A gap is open. */
export function gapBegun(cameraId: CameraId, cause: GapCause, atMs: EpochMs): EventDraft {
  return { kind: 'gap-begun', cameraId, atMs, text: GAP_CAUSES[cause], data: { cause } };
}

/** A gap is over. */
export function gapEnded(cameraId: CameraId, cause: GapCause, { startMs, endMs }: Interval): EventDraft {
  const seconds = Math.max(0, Math.round((endMs - startMs) / 100) / 10);
  const text = `${seconds} s are missing. ${GAP_CAUSES[cause]}`;
  return { kind: 'gap-ended', cameraId, atMs: endMs, text, data: { cause, fromMs: startMs, seconds } };
}

function offline(cameraId: CameraId, atMs: EpochMs, cause: SourceCause | null, text: string): EventDraft {
  return { kind: 'camera-offline', cameraId, atMs, text, data: { cause } };
}
