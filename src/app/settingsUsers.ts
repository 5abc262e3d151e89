/**
 * The users of a file of settings: their roles and cameras, and nothing that could log anybody in. Who is known keeps
 * their password; who is new has none that anybody knows, and is disabled until an admin gives one. An import enables nobody.
 */
import type { UserStore } from '../archive/userStore.ts';
import type { User } from '../domain/accounts.ts';
import { NvrError } from '../domain/errors.ts';
import type { Clock } from '../domain/time.ts';
import { hashPassword, makePassword } from '../http/auth/passwords.ts';
import { isAdmin, rightsOf } from '../http/auth/users.ts';
import type { UserSettings } from '../http/wire/settings.ts';
import { type Change, changeOf, differing } from './settingsChange.ts';

export interface UserDoors {
  readonly users: Pick<UserStore, 'find' | 'list' | 'insert' | 'update'>;
  /** Ends what a user has open. */
  endSessions(name: string): void;
  readonly clock: Clock;
}

/** What becomes of each. @throws NvrError `invalid` naming the field */
export async function userChanges(doors: UserDoors, said: readonly UserSettings[]): Promise<Change[]> {
  const isNew = said.some(({ name }) => doors.users.find(name) === undefined);
  const passwordHash = isNew ? await hashPassword(makePassword()) : '';
  return said.map((user, at) => changed(doors, user, passwordHash, `settings.users.${at}`));
}

function changed(doors: UserDoors, said: UserSettings, passwordHash: string, field: string): Change {
  const { users, clock } = doors;
  const { name, role, cameras = 'all', enabled = true } = said;
  const rights = rightsOf({ role, cameras, enabled }, `${field}.`);
  const before = users.find(name);
  if (before === undefined) {
    return changeOf('user', name, null, () =>
      users.insert({ name, ...rights, enabled: false, passwordHash, createdMs: clock.now(), loginMs: null }),
    );
  }
  const after: User = { ...before, ...rights, enabled: before.enabled && rights.enabled };
  return changeOf('user', before.name, differing(before, after, ['role', 'cameras', 'enabled']), () => {
    users.update(after);
    if (!after.enabled) doors.endSessions(before.name);
  });
}

/** @throws NvrError `conflict` when nobody could change anything any more */
export function expectAdmin({ users }: UserDoors): void {
  const all = users.list();
  if (all.length === 0 || all.some(isAdmin)) return;
  throw new NvrError('conflict', 'No admin who can log in would be left.', { field: 'settings.users' });
}

/** As a file has them, without what they log in with. */
export function userSettings({ name, role, cameras, enabled }: User): UserSettings {
  return { name, role, cameras: cameras === 'all' ? cameras : [...cameras], enabled };
}
