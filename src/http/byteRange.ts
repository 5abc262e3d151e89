/** Conditional requests and byte ranges (RFC 9110 §13, §14) of content with a strong ETag and a known length. */
import type { IncomingHttpHeaders } from 'node:http';
import { HttpError } from './problems.ts';

/** What is to be sent: nothing, all of it, or the bytes `[from, to)`. */
export type Selection =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly from: number; readonly to: number };

interface Headers extends Pick<IncomingHttpHeaders, 'if-match' | 'if-none-match' | 'range'> {
  readonly 'if-range'?: string | undefined;
}

const WHOLE: Selection = { kind: 'whole' };
/** One range: what has several is answered whole, as §14.2 allows. */
const ONE_RANGE = /^bytes=(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))$/;

/**
 * @param etag with its quotes
 * @param bytes length of the whole content, at least 1
 * @throws HttpError 412 when the client expects other content, 416 for a range beyond the end.
 */
export function select(headers: Headers, etag: string, bytes: number): Selection {
  const { range, 'if-match': ifMatch, 'if-none-match': ifNoneMatch, 'if-range': ifRange } = headers;
  if (ifMatch !== undefined && !names(ifMatch, etag)) {
    throw new HttpError(412, 'What is asked for has changed.', { etag });
  }
  if (matches(ifNoneMatch, etag)) return { kind: 'unchanged' };
  // A date never matches: there is no time of change.
  if (range === undefined || (ifRange !== undefined && ifRange !== etag)) return WHOLE;
  return selectRange(range, bytes);
}

/** Whether an `If-None-Match` names the tag: the client has it. @param etag with its quotes */
export function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch !== undefined && names(ifNoneMatch.replaceAll('W/', ''), etag);
}

function selectRange(range: string, bytes: number): Selection {
  const match = ONE_RANGE.exec(range);
  if (match === null) return WHOLE;
  const [, first = '', last = '', suffix] = match;
  const from = suffix === undefined ? Number(first) : Math.max(0, bytes - Number(suffix));
  const to = suffix === undefined && last !== '' ? Math.min(bytes, Number(last) + 1) : bytes;
  if (last !== '' && Number(last) < Number(first)) return WHOLE;
  if (from < to) return { kind: 'part', from, to };
  throw new HttpError(416, 'The file does not have the range of bytes that was asked for.', {
    'content-range': `bytes */${bytes}`,
  });
}

function names(list: string, etag: string): boolean {
  return list.split(',').some((tag) => tag.trim() === '*' || tag.trim() === etag);
}
