/** Sessions of browsers: opened by a login, found by the token of a cookie, ended by a logout or by time. */
import { NvrError } from '../../domain/errors.ts';
import { type Clock, DAY_MS, type EpochMs, epochMs } from '../../domain/time.ts';
import type { SessionEntry } from '../wire/access.ts';
import type { Session, SessionStore, User, UserStore } from './ports.ts';
import { hashed, makeSecret } from './secret.ts';

/** A session that is not used for so long ends. */
const IDLE_MS = 7 * DAY_MS;
/** A session ends so long after its login, however much it is used. */
export const LONGEST_SESSION_MS = 30 * DAY_MS;
/** Uses are noted no more often than this. */
const TOUCH_MS = 60_000;
const TOKEN = /^[\w-]{43}$/;
/** Of the hash of a token: enough to name a session, too little to be one. */
const ID_LENGTH = 16;

/** Where a login came from, and by which program, as it calls itself. */
export type LoginPlace = Pick<Session, 'address' | 'agent'>;

/** A session that was found good, with its user as they are now. */
export interface Found {
  readonly user: User;
  readonly expiresMs: EpochMs;
  /** Names the session among those of `entries`. */
  readonly id: string;
  /** Whether it is one still. */
  isStillGood(): Promise<boolean>;
}

export class Sessions {
  readonly #users: UserStore;
  readonly #store: SessionStore;
  readonly #clock: Clock;

  constructor(users: UserStore, store: SessionStore, clock: Clock) {
    this.#users = users;
    this.#store = store;
    this.#clock = clock;
  }

  /** Opens a session; the token is 256 random bits and is known to the client alone. */
  async open(user: User, from: LoginPlace): Promise<{ readonly token: string; readonly expiresMs: EpochMs }> {
    const now = this.#clock.now();
    const token = makeSecret();
    const session = {
      tokenHash: hashed(token),
      userName: user.name,
      createdMs: now,
      seenMs: now,
      ...from,
    };
    await this.#store.removeExpired(before(now, LONGEST_SESSION_MS), before(now, IDLE_MS));
    await this.#store.insert(session);
    await this.#users.noteLogin(user.name, now);
    return { token, expiresMs: expiry(session) };
  }

  /** The user of a token, and notes that it was used; undefined when it is unknown or has expired. */
  async find(token: string): Promise<Found | undefined> {
    if (!TOKEN.test(token)) return undefined;
    const tokenHash = hashed(token);
    const session = await this.#good(tokenHash);
    if (session === undefined) return undefined;
    const user = await this.#users.find(session.userName);
    if (user === undefined || !user.enabled) return undefined;
    const now = this.#clock.now();
    const touched = now - session.seenMs >= TOUCH_MS ? { ...session, seenMs: now } : session;
    if (touched !== session) await this.#store.touch(tokenHash, now);
    const isStillGood = async () => (await this.#good(tokenHash)) !== undefined;
    return { user, expiresMs: expiry(touched), id: idOf(session), isStillGood };
  }

  /** Ends the session of a token, if there is one. */
  async close(token: string): Promise<void> {
    if (TOKEN.test(token)) await this.#store.remove(hashed(token));
  }

  /**
   * The sessions there are, the last used first.
   * @param user only theirs; null those of everybody
   * @param current id of the session that asks
   */
  async entries(user: string | null, current: string | null): Promise<readonly SessionEntry[]> {
    const now = this.#clock.now();
    const all = await this.#store.list();
    return all
      .filter((session) => now < expiry(session) && (user === null || session.userName === user))
      .map((session) => {
        const { userName, createdMs, seenMs, address, agent } = session;
        const id = idOf(session);
        const times = { createdMs, seenMs, expiresMs: expiry(session) };
        return { id, user: userName, ...times, address, agent, current: id === current };
      });
  }

  /**
   * Ends a session by its id.
   * @param user whose it has to be; null anybody's
   * @throws NvrError `not-found`
   */
  async revoke(id: string, user: string | null): Promise<void> {
    const all = await this.#store.list();
    const found = all.find((session) => idOf(session) === id && (user === null || session.userName === user));
    if (found === undefined) throw new NvrError('not-found', `There is no session ${id}.`);
    await this.#store.remove(found.tokenHash);
  }

  /** Ends all sessions of a user but the one with this id; all when it is null. */
  async revokeOthers(user: string, id: string | null): Promise<void> {
    const all = await this.#store.list();
    const kept = all.find((session) => idOf(session) === id);
    await this.#store.removeOf(user, kept?.tokenHash ?? null);
  }

  async #good(tokenHash: string): Promise<Session | undefined> {
    const session = await this.#store.find(tokenHash);
    return session !== undefined && this.#clock.now() < expiry(session) ? session : undefined;
  }
}

function idOf({ tokenHash }: Session): string {
  return tokenHash.slice(0, ID_LENGTH);
}

function expiry({ createdMs, seenMs }: Session): EpochMs {
  return epochMs(Math.min(createdMs + LONGEST_SESSION_MS, seenMs + IDLE_MS));
}

function before(now: EpochMs, ms: number): EpochMs {
  return epochMs(Math.max(0, now - ms));
}
