/** What may happen to users: there is always an enabled admin, and whoever loses rights loses what they had open. */
import type { Grant } from '../../domain/access.ts';
import { NvrError } from '../../domain/errors.ts';
import { cameraId } from '../../domain/ids.ts';
import type { Clock } from '../../domain/time.ts';
import { Turns } from '../../domain/turns.ts';
import type { UserInput, UserPatch, UserView } from '../wire/access.ts';
import { refuseWeak } from './passwordRules.ts';
import { hashPassword } from './passwords.ts';
import type { User, UserStore } from './ports.ts';
import type { Sessions } from './sessions.ts';

export class Users {
  readonly #store: UserStore;
  readonly #sessions: Sessions;
  readonly #clock: Clock;
  /** One change at a time: two admins who demote each other must not both succeed. */
  readonly #turns = new Turns();

  constructor(store: UserStore, sessions: Sessions, clock: Clock) {
    this.#store = store;
    this.#sessions = sessions;
    this.#clock = clock;
  }

  /** By name. */
  async list(): Promise<readonly UserView[]> {
    return (await this.#store.list()).map(viewOf);
  }

  /** @throws NvrError `not-found` */
  async get(name: string): Promise<UserView> {
    return viewOf(await this.#find(name));
  }

  /** @throws NvrError `conflict` when the name is taken, `invalid` naming the field */
  async add({ name, password, role, cameras, enabled = true }: UserInput): Promise<UserView> {
    await refuseWeak(password, name);
    const passwordHash = await hashPassword(password);
    return await this.#turns.take(async () => {
      const rights = rightsOf({ role, cameras: cameras ?? 'all', enabled });
      const user = { name, ...rights, passwordHash, createdMs: this.#clock.now(), loginMs: null };
      await this.#store.insert(user);
      return viewOf(user);
    });
  }

  /**
   * @param keep id of a session that goes on although the password changes
   * @throws NvrError `not-found`, `conflict` when no admin would be left, `invalid` naming the field
   */
  async change(name: string, patch: UserPatch, keep: string | null): Promise<UserView> {
    const { password, role, cameras, enabled } = patch;
    if (password !== undefined) await refuseWeak(password, name);
    const newHash = password === undefined ? null : await hashPassword(password);
    return await this.#turns.take(async () => {
      const before = await this.#find(name);
      const rights = checkedRights({
        role: role ?? before.role,
        // Who becomes an admin gets all cameras, unless told otherwise, which is refused.
        cameras: cameras === undefined ? (role === 'admin' ? 'all' : before.cameras) : grantOf(cameras),
        enabled: enabled ?? before.enabled,
      });
      const user = { ...before, ...rights, passwordHash: newHash ?? before.passwordHash };
      if (!isAdmin(user)) await this.#expectOtherAdmin(before.name);
      await this.#store.update(user);
      if (!user.enabled) await this.#sessions.revokeOthers(user.name, null);
      else if (newHash !== null) await this.#sessions.revokeOthers(user.name, keep);
      return viewOf(user);
    });
  }

  /** @throws NvrError `not-found`, `conflict` when no admin would be left */
  async remove(name: string): Promise<void> {
    await this.#turns.take(async () => {
      const user = await this.#find(name);
      await this.#expectOtherAdmin(user.name);
      await this.#store.remove(user.name);
    });
  }

  async #find(name: string): Promise<User> {
    const user = await this.#store.find(name);
    if (user === undefined) throw new NvrError('not-found', `There is no user ${name}.`, { field: 'name' });
    return user;
  }

  async #expectOtherAdmin(name: string): Promise<void> {
    const all = await this.#store.list();
    if (all.some((user) => user.name !== name && isAdmin(user))) return;
    throw new NvrError('conflict', `${name} is the only admin who can log in: make another one first.`, {
      field: 'role',
    });
  }
}

/** Whether they can log in and change everything. */
export function isAdmin({ role, enabled }: User): boolean {
  return role === 'admin' && enabled;
}

type Said = { readonly role: Rights['role']; readonly cameras: SaidCameras; readonly enabled: boolean };
type SaidCameras = Exclude<UserInput['cameras'], undefined>;

/** @param prefix of the fields that an error names @throws NvrError `invalid` naming the field */
export function rightsOf({ role, cameras, enabled }: Said, prefix = ''): Rights {
  return checkedRights({ role, cameras: grantOf(cameras, prefix), enabled }, prefix);
}

function grantOf(cameras: SaidCameras, prefix = ''): Grant {
  return cameras === 'all' ? cameras : cameras.map((id) => cameraId(id, `${prefix}cameras`));
}

type Rights = Pick<User, 'role' | 'cameras' | 'enabled'>;

function checkedRights(rights: Rights, prefix = ''): Rights {
  if (rights.role !== 'admin' || rights.cameras === 'all') return rights;
  throw new NvrError('invalid', 'An admin always has all cameras.', { field: `${prefix}cameras` });
}

function viewOf({ name, role, cameras, enabled, createdMs, loginMs }: User): UserView {
  return { name, role, cameras: cameras === 'all' ? cameras : [...cameras], enabled, createdMs, loginMs };
}
