/**
 * The first start: somebody has to be able to log in. Until a password is chosen, the one of the first user is a code,
 * printed at the start and good for `POST /setup`.
 */
import type { Clock } from '../../domain/time.ts';
import type { Awaitable } from '../ports.ts';
import { refuseWeak } from './passwordRules.ts';
import { hashPassword, makePassword } from './passwords.ts';
import type { UserStore } from './ports.ts';

export const FIRST_NAME = 'admin';

export interface FirstUser {
  readonly name: string;
  /** The code, to be shown; null when a password was given. */
  readonly password: string | null;
}

/** Whether the first set-up is open. */
export interface SetupState {
  isOpen(): Awaitable<boolean>;
  begin(): Awaitable<void>;
  finish(): Awaitable<void>;
}

/**
 * Adds the user `admin` when there are no users yet. A code that nobody has used is replaced by another one at each
 * start, so that one that was overlooked is not missed. Gives null when there is nothing to do.
 * @param given the password to use, for installations without a terminal; null makes up a code
 * @throws NvrError `invalid` naming `adminPassword`, for one that is too short or guessed first
 */
export async function addFirstUser(
  users: UserStore,
  setup: SetupState,
  clock: Clock,
  given: string | null,
): Promise<FirstUser | null> {
  const before = await users.find(FIRST_NAME);
  const overlooked = before !== undefined && before.loginMs === null && (await setup.isOpen());
  if (!overlooked && !(await users.isEmpty())) return null;
  if (given !== null) await refuseWeak(given, FIRST_NAME, 'adminPassword');
  const password = given ?? makePassword();
  const passwordHash = await hashPassword(password);
  const rights = { role: 'admin', cameras: 'all', enabled: true } as const;
  const times = { createdMs: clock.now(), loginMs: null };
  if (overlooked) await users.update({ ...before, passwordHash });
  else await users.insert({ name: FIRST_NAME, ...rights, passwordHash, ...times });
  await (given === null ? setup.begin() : setup.finish());
  return { name: FIRST_NAME, password: given === null ? password : null };
}
