/**
 * From what GStreamer says on the bus to why a source does not deliver. Pure. GStreamer's own words differ
 * between versions; codes and the RTSP status in the debug text do not.
 */
import type { SourceCause } from '../domain/source.ts';
import type { BusError } from './busMessage.ts';

export interface Failure {
  readonly cause: SourceCause;
  /** A sentence for the user; holds no credentials, because addresses carry none here. */
  readonly message: string;
}

const RESOURCE = 'gst-resource-error-quark';
const STREAM = 'gst-stream-error-quark';
/** GstResourceError. */
const NOT_FOUND = 3;
const OPEN_READ_WRITE = [5, 6, 7];
const READ_WRITE = [9, 10];
const NOT_AUTHORIZED = 15;
/** GstStreamError. */
const CODEC_ERRORS = [4, 5, 6, 7, 8, 9];

/** The cause of a bus error, with a sentence that names what to look at. */
export function failureOf(error: BusError): Failure {
  const status = Number(/\((4\d\d|5\d\d)\)/.exec(error.debug)?.[1] ?? 0);
  return byStatus(status) ?? byCode(error) ?? { cause: 'internal', message: sentence(error) };
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
    if (CODEC_ERRORS.includes(code)) return { cause: 'unsupported-codec', message: sentence(error) };
    return { cause: 'ended', message: sentence(error) };
  }
  return null;
}

/** GStreamer's own sentence, with the name of the element that said it. */
function sentence(error: BusError): string {
  return `${error.message} (${error.element})`;
}
