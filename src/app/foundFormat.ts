/** What a look at a source has found, for whoever asked for it: the format, or why there is none. */
import type { ProbeResult } from '../cameras/doors.ts';
import { NvrError } from '../domain/errors.ts';
import type { StreamFormat } from '../domain/media.ts';

/** What the address of a source and its sound device are called where they are asked for. */
export interface SourceFields {
  readonly source: string;
  /** Null where the sound is not wanted. */
  readonly sound: string | null;
}

/** @throws NvrError `unavailable` naming the field of the source, or of the sound device where only the sound can't be had */
export function foundFormat(found: ProbeResult, fields: SourceFields): StreamFormat {
  if (!found.ok) throw unavailable(found, fields.source);
  if (found.silent !== undefined && fields.sound !== null) throw unavailable(found.silent, fields.sound);
  return found.format;
}

function unavailable(
  { message, cause }: { readonly message: string; readonly cause: string },
  field: string,
) {
  return new NvrError('unavailable', message, { field, cause });
}
