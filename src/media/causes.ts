/**
 * From what GStreamer says on the bus to why a source does not deliver. Pure. GStreamer's own words differ
 * between versions; codes and the RTSP status in the debug text do not.
 */
import type { DeviceSource, FileSource, Source } from '../domain/camera.ts';
import type { SourceCause } from '../domain/source.ts';
import type { BusError } from './busMessage.ts';

export interface Failure {
  readonly cause: SourceCause;
  /** A sentence for the user; holds no credentials, because addresses carry none here. */
  readonly message: string;
  /** Where only the sound of a device is concerned: there may be a picture without it. */
  readonly track?: 'audio';
}

const RESOURCE = 'gst-resource-error-quark';
const STREAM = 'gst-stream-error-quark';
/** GstResourceError. */
const NOT_FOUND = 3;
const OPEN_READ_WRITE = [5, 6, 7];
const READ_WRITE = [9, 10];
const BUSY = 4;
const NO_SPACE_LEFT = 14;
const NOT_AUTHORIZED = 15;
/** GstStreamError. */
const TYPE_ERRORS = [4, 5];
const CODEC_ERRORS = [6, 7, 8, 9];

/** The cause of a bus error, with a sentence that names what to look at. */
export function failureOf(error: BusError, source?: Source): Failure {
  if (error.element === 'encoder')
    return { cause: 'encoder', message: `The encoder failed: ${error.message}` };
  if (source?.kind === 'v4l2' && error.element === 'sound') {
    return { ...(localFailure(error, source) ?? noSound(source)), track: 'audio' };
  }
  const here = source === undefined ? null : localFailure(error, source);
  if (here !== null) return here;
  const status = Number(/(?<!\.\w+)\((4\d\d|5\d\d)\)/.exec(error.debug)?.[1] ?? 0);
  return byStatus(status) ?? byCode(error) ?? { cause: 'internal', message: sentence(error) };
}

/** Whether a file could not be written because its disk is full. */
export function isDiskFull({ domain, code }: BusError): boolean {
  return domain === RESOURCE && code === NO_SPACE_LEFT;
}

/** What is said of a device or a file of this machine: there is no camera that answers. */
function localFailure({ element, code, domain, message, debug }: BusError, source: Source): Failure | null {
  if (domain !== RESOURCE || (source.kind !== 'v4l2' && source.kind !== 'file')) return null;
  const name = nameOf(element, source);
  if (/Permission denied/i.test(debug + message)) {
    const remedy =
      source.kind === 'v4l2' ? `add the user to group ${groupOf(element)}` : 'the recorder may not read it';
    return { cause: 'not-permitted', message: `${name}: ${remedy}.` };
  }
  if (code === BUSY || /resource busy/i.test(debug)) {
    return { cause: 'busy', message: `${name} is used by another program.` };
  }
  if (/No such device|No such file|Cannot identify/i.test(debug + message) || code === NOT_FOUND) {
    return { cause: 'not-found', message: `${name} is not there.` };
  }
  if (/link|signal|ENOLINK|EPIPE/i.test(debug) && source.kind === 'v4l2') {
    return { cause: 'no-signal', message: `${name} has no signal.` };
  }
  if (source.kind === 'v4l2' && READ_WRITE.includes(code)) {
    return { cause: 'ended', message: `${name} gives nothing any more: it was unplugged, or it failed.` };
  }
  return null;
}

/** The sound device that a source names is there and gives nothing that can be recorded. */
export function noSound({ audioDevice }: DeviceSource): Failure {
  return {
    cause: 'no-media',
    message: `${audioDevice ?? 'The sound device'} gives no sound.`,
    track: 'audio',
  };
}

function nameOf(element: string, source: DeviceSource | FileSource): string {
  if (source.kind === 'file') return 'The file';
  return element === 'sound' ? (source.audioDevice ?? 'The sound device') : source.device;
}

function groupOf(element: string): string {
  return element === 'sound' ? 'audio' : 'video';
}

function byStatus(status: number): Failure | null {
  if (status === 401)
    return { cause: 'unauthorised', message: 'The camera refuses the user name or password.' };
  if (status === 403)
    return { cause: 'unauthorised', message: 'The camera forbids this stream to this user.' };
  if (status === 404) return { cause: 'not-found', message: 'The camera has no stream at this path.' };
  if (status === 461)
    return { cause: 'no-media', message: 'The camera refuses this transport: try TCP or UDP.' };
  if (status >= 400) return { cause: 'unreachable', message: `The camera answers with status ${status}.` };
  return null;
}

function byCode(error: BusError): Failure | null {
  const { domain, code, debug } = error;
  if (domain === RESOURCE) {
    if (code === NOT_AUTHORIZED) return byStatus(401);
    if (code === NOT_FOUND) return byStatus(404);
    if (OPEN_READ_WRITE.includes(code))
      return { cause: 'unreachable', message: 'The camera can’t be reached.' };
    if (READ_WRITE.includes(code)) return { cause: 'ended', message: 'The connection to the camera broke.' };
  }
  if (domain === STREAM) {
    // A caps change in mid-stream is refused by the muxer; another codec than planned is never linked.
    if (/not-negotiated|not-linked|reason not/.test(debug)) {
      return { cause: 'format-changed', message: 'The camera changed its codec or picture size.' };
    }
    if (TYPE_ERRORS.includes(code))
      return { cause: 'no-media', message: 'There is no media that can be read.' };
    if (CODEC_ERRORS.includes(code)) return { cause: 'unsupported-codec', message: sentence(error) };
    return { cause: 'ended', message: sentence(error) };
  }
  return null;
}

/** GStreamer's own sentence, with the name of the element that said it. */
function sentence(error: BusError): string {
  return `${error.message} (${error.element})`;
}
