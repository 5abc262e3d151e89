/** Sessions of browsers: opened by a login, found by the token of a cookie, ended by a logout or by time. */
import { createHash, randomBytes } from 'node:crypto';
import { type Clock, type EpochMs, epochMs } from '../../domain/time.ts';
import type { Session, SessionStore, User, UserStore } from './ports.ts';

const DAY_MS = 86_400_000;
/** A session that is not used for so long ends. */
const IDLE_MS = 7 * DAY_MS;
/** A session ends so long after its login, however much it is used. */
export const LONGEST_SESSION_MS = 30 * DAY_MS;
/** Uses are noted no more often than this. */
const TOUCH_MS = 60_000;
const TOKEN = /^[\w-]{43}$/;

/** Where a login came from, and by which program, as it calls itself. */
export type LoginPlace = Pick<Session, 'address' | 'agent'>;

/** A session that was found good, with its user as they are now. */
export interface Found {
  readonly user: User;
  readonly expiresMs: EpochMs;
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
    const token = randomBytes(32).toString('base64url');
    const session = { tokenHash: hashed(token), userName: user.name, createdMs: now, seenMs: now, ...from };
    await this.#store.removeExpired(before(now, LONGEST_SESSION_MS), before(now, IDLE_MS));
    await this.#store.insert(session);
    return { token, expiresMs: expiry(session) };
  }

  /** The user of a token, and notes that it was used; undefined when it is unknown or has expired. */
  async find(token: string): Promise<Found | undefined> {
    if (!TOKEN.test(token)) return undefined;
    const session = await this.#store.find(hashed(token));
    const now = this.#clock.now();
    if (session === undefined || now >= expiry(session)) return undefined;
    const user = await this.#users.find(session.userName);
    if (user === undefined || !user.enabled) return undefined;
    const touched = now - session.seenMs >= TOUCH_MS ? { ...session, seenMs: now } : session;
    if (touched !== session) await this.#store.touch(session.tokenHash, now);
    return { user, expiresMs: expiry(touched) };
  }

  /** Ends the session of a token, if there is one. */
  async close(token: string): Promise<void> {
    if (TOKEN.test(token)) await this.#store.remove(hashed(token));
  }
}

function expiry({ createdMs, seenMs }: Session): EpochMs {
  return epochMs(Math.min(createdMs + LONGEST_SESSION_MS, seenMs + IDLE_MS));
}

function before(now: EpochMs, ms: number): EpochMs {
  return epochMs(Math.max(0, now - ms));
}

/** A token is random, so a plain hash is enough to make it useless to whoever reads the store. */
function hashed(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
