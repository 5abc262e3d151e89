/** What a command says when it was called in a wrong way. */
import { NvrError } from '../domain/errors.ts';

/** @param command as it is called @param field name of the flag, without hyphens @param what it takes */
export function wrong(command: string, field: string, what: string): NvrError {
  const message = `--${field} takes ${what}. See nightjar ${command} --help.`;
  return new NvrError('invalid', message, { field });
}
