/**
 * The one error type of Nightjar. Errors are mapped into it once at each door (GStreamer, SQLite, the file
 * system, the network) and out of it once, in `http/server.ts`. Nothing else belongs here.
 */

/** What kind of failure it is; each kind maps to one HTTP status and one exit code. */
export type ErrorKind =
  | 'invalid'
  | 'unauthorised'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'unavailable'
  | 'exhausted'
  | 'internal';

export interface NvrErrorOptions {
  /** JSON pointer-like name of the input field that is wrong (`source.url`). */
  readonly field?: string;
  readonly cause?: unknown;
}

/** A failure with a kind and a sentence fit to be shown to the user. Never put a secret in the message. */
export class NvrError extends Error {
  readonly kind: ErrorKind;
  readonly field: string | undefined;

  constructor(kind: ErrorKind, message: string, options: NvrErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'NvrError';
    this.kind = kind;
    this.field = options.field;
  }
}

/** The sentence of any thrown value, for logs and for wrapping. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
