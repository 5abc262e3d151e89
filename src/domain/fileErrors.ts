/** Why a file that the user named can't be written, as a sentence and an exit code. Pure. */
import { messageOf, NvrError } from './errors.ts';

/**
 * @param error what the file system said
 * @returns `conflict` for a file that exists, `exhausted` for a full disk, `unavailable` for anything else
 */
export function fileError(path: string, error: unknown): NvrError {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  const options = { field: 'output', cause: error };
  if (code === 'EEXIST') {
    return new NvrError('conflict', `${path} exists already; --force replaces it.`, options);
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(path, error);
  return new NvrError('unavailable', `${path} cannot be written: ${messageOf(error)}`, options);
}

/** For whoever learns that the disk is full in another way. */
export function diskFull(path: string, cause: unknown): NvrError {
  return new NvrError('exhausted', `The disk is full: ${path} cannot be written.`, {
    field: 'output',
    cause,
  });
}
