/** The first start: somebody has to be able to log in. */
import { NvrError } from '../../domain/errors.ts';
import type { Clock } from '../../domain/time.ts';
import { hashPassword, makePassword } from './passwords.ts';
import type { UserStore } from './ports.ts';

const FIRST_NAME = 'admin';
const SHORTEST = 8;

export interface FirstUser {
  readonly name: string;
  /** To be shown once, when it was made up here; null when it was given. */
  readonly password: string | null;
}

/**
 * Adds the user `admin` when there are no users yet; gives null when there are.
 * @param given the password to use, for installations without a terminal; null makes one up
 * @throws NvrError `invalid` when the given password is shorter than 8 characters
 */
export async function addFirstUser(
  users: UserStore,
  clock: Clock,
  given: string | null,
): Promise<FirstUser | null> {
  if (!(await users.isEmpty())) return null;
  if (given !== null && given.length < SHORTEST) {
    throw new NvrError('invalid', `The first password must have at least ${SHORTEST} characters.`, {
      field: 'adminPassword',
    });
  }
  const password = given ?? makePassword();
  const passwordHash = await hashPassword(password);
  const rights = { role: 'admin', cameras: 'all', enabled: true } as const;
  await users.insert({ name: FIRST_NAME, ...rights, passwordHash, createdMs: clock.now(), loginMs: null });
  return { name: FIRST_NAME, password: given === null ? password : null };
}
