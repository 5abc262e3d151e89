/** Users and sessions as they are stored. The stores are implemented over the index; nothing here is a secret. */

import type { Grant, Role } from '../../domain/access.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Awaitable } from '../ports.ts';

export interface User {
  /** Unique, whatever the case of its letters. */
  readonly name: string;
  readonly role: Role;
  /** Of an admin always all. */
  readonly cameras: Grant;
  /** A disabled user can't log in, and whatever they had open ends. */
  readonly enabled: boolean;
  /** Encoded argon2id hash (PHC string format). */
  readonly passwordHash: string;
  readonly createdMs: EpochMs;
  /** Their last login; null before the first. */
  readonly loginMs: EpochMs | null;
}

export interface UserStore {
  /** Ignores the case of ASCII letters. */
  find(name: string): Awaitable<User | undefined>;
  isEmpty(): Awaitable<boolean>;
  /** All of them, by name. */
  list(): Awaitable<readonly User[]>;
  /** @throws NvrError `conflict` when the name is taken */
  insert(user: User): Awaitable<void>;
  /** Replaces all but the name and the time of creation. @throws NvrError `not-found` */
  update(user: User): Awaitable<void>;
  /** With their sessions and tokens. @throws NvrError `not-found` */
  remove(name: string): Awaitable<void>;
}

export interface Session {
  /** SHA-256 of the token, in hex: whoever reads the store cannot use it. */
  readonly tokenHash: string;
  readonly userName: string;
  readonly createdMs: EpochMs;
  /** Last use, to within a minute. */
  readonly seenMs: EpochMs;
  /** Where the login came from. */
  readonly address: string;
  /** The program that logged in, as it calls itself. */
  readonly agent: string;
}

export interface SessionStore {
  find(tokenHash: string): Awaitable<Session | undefined>;
  /** All of them, the last used first. */
  list(): Awaitable<readonly Session[]>;
  insert(session: Session): Awaitable<void>;
  touch(tokenHash: string, seenMs: EpochMs): Awaitable<void>;
  remove(tokenHash: string): Awaitable<void>;
  /** Ends what a user has open, but for the session of one token. */
  removeOf(userName: string, exceptHash: string | null): Awaitable<void>;
  /** Forgets the sessions created before, or last seen before, these times. */
  removeExpired(createdBefore: EpochMs, seenBefore: EpochMs): Awaitable<void>;
}
