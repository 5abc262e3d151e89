/** Tokens of programs: made by a user, shown once, never worth more than their user, ended by revoking or by time. */
import { randomUUID } from 'node:crypto';
import { common, lesser, mayUse, ranks } from '../../domain/access.ts';
import { NvrError } from '../../domain/errors.ts';
import { cameraId } from '../../domain/ids.ts';
import { type Clock, epochMs } from '../../domain/time.ts';
import type { TokenInput, TokenView } from '../wire/access.ts';
import type { Token, TokenStore, User, UserStore } from './ports.ts';
import { hashed, makeSecret } from './secret.ts';

/** What every token begins with, so that one that leaked can be told for what it is. */
const PREFIX = 'njt_';
const TOKEN = /^njt_[\w-]{43}$/;
const TOUCH_MS = 60_000;
const MOST_PER_USER = 100;

/** A token that was found good: its user, with the rights that the token has. */
export interface FoundToken {
  readonly user: User;
  readonly owner: User;
  isStillGood(): Promise<boolean>;
}

export class Tokens {
  readonly #users: UserStore;
  readonly #store: TokenStore;
  readonly #clock: Clock;

  constructor(users: UserStore, store: TokenStore, clock: Clock) {
    this.#users = users;
    this.#store = store;
    this.#clock = clock;
  }

  /** Who a token stands for, and notes that it was used; undefined when it is unknown or has expired. */
  async find(token: string): Promise<FoundToken | undefined> {
    const found = TOKEN.test(token) ? await this.#good(hashed(token)) : undefined;
    if (found === undefined) return undefined;
    const owner = await this.#users.find(found.userName);
    if (owner === undefined || !owner.enabled) return undefined;
    const now = this.#clock.now();
    if (found.usedMs === null || now - found.usedMs >= TOUCH_MS) await this.#store.touch(found.id, now);
    const role = lesser(found.role, owner.role);
    const user = { ...owner, role, cameras: common(found.cameras, owner.cameras) };
    return { user, owner, isStillGood: async () => (await this.#good(found.tokenHash)) !== undefined };
  }

  /**
   * Makes a token; what is given is the only time that it can be seen.
   * @throws NvrError `forbidden` when it would be worth more than its user, `invalid` when it would be no use
   */
  async make(user: User, input: TokenInput): Promise<TokenView & { readonly token: string }> {
    const { name, role, cameras = user.cameras, expiresMs = null } = input;
    const now = this.#clock.now();
    const grant = cameras === 'all' ? cameras : cameras.map((id) => cameraId(id, 'cameras'));
    if (!ranks(user.role, role)) {
      throw new NvrError('forbidden', 'A token can’t have a role above its user’s.', { field: 'role' });
    }
    if (grant === 'all' ? user.cameras !== 'all' : !grant.every((id) => mayUse(user.cameras, id))) {
      throw new NvrError('forbidden', 'A token can’t have cameras that its user has not.', {
        field: 'cameras',
      });
    }
    if (role === 'admin' && grant !== 'all') {
      throw new NvrError('invalid', 'An admin always has all cameras.', { field: 'cameras' });
    }
    if (expiresMs !== null && expiresMs <= now) {
      throw new NvrError('invalid', 'The token would have expired already.', { field: 'expiresMs' });
    }
    const owned = (await this.#store.list()).filter(({ userName }) => userName === user.name);
    if (owned.length >= MOST_PER_USER) {
      throw new NvrError('conflict', `A user has ${MOST_PER_USER} tokens at most; revoke some first.`);
    }
    const token = PREFIX + makeSecret();
    const made: Token = {
      ...{ id: randomUUID(), tokenHash: hashed(token), name: name.trim(), userName: user.name, role },
      ...{ cameras: grant, createdMs: now, usedMs: null },
      expiresMs: expiresMs === null ? null : epochMs(expiresMs, 'expiresMs'),
    };
    await this.#store.insert(made);
    return { ...viewOf(made), token };
  }

  /** Of one user, or of everybody when it is null; the newest first. */
  async list(user: string | null): Promise<readonly TokenView[]> {
    const all = await this.#store.list();
    return all.filter(({ userName }) => user === null || userName === user).map(viewOf);
  }

  /** @param user whose it has to be; null anybody's. @throws NvrError `not-found` */
  async revoke(id: string, user: string | null): Promise<void> {
    const all = await this.#store.list();
    if (!all.some((token) => token.id === id && (user === null || token.userName === user))) {
      throw new NvrError('not-found', `There is no token ${id}.`, { field: 'tokenId' });
    }
    await this.#store.remove(id);
  }

  async #good(tokenHash: string): Promise<Token | undefined> {
    const token = await this.#store.find(tokenHash);
    const good = token !== undefined && (token.expiresMs === null || this.#clock.now() < token.expiresMs);
    return good ? token : undefined;
  }
}

function viewOf({ tokenHash: _hash, userName, cameras, ...rest }: Token): TokenView {
  return { ...rest, user: userName, cameras: cameras === 'all' ? cameras : [...cameras] };
}
