/** Paths of files inside a folder, as people give them: never out of it. Pure. */
import { NvrError } from './errors.ts';

/**
 * The path, relative and with `/`, without empty and `.` parts.
 * @throws NvrError `invalid` for a path that is absolute, leaves the folder or names nothing.
 */
export function innerPath(given: string, field: string): string {
  const parts = given.split('/').filter((part) => part !== '' && part !== '.');
  const wrong = given.startsWith('/') || parts.length === 0 || /[\\\p{Cc}\p{Cs}]/u.test(given);
  if (wrong || parts.includes('..')) {
    throw new NvrError('invalid', 'The path has to lead to a file inside the folder of file sources.', {
      field,
    });
  }
  return parts.join('/');
}
