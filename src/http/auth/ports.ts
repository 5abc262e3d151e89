/** Users and sessions as they are stored. The stores are implemented over the index; nothing here is a secret. */

import type { EpochMs } from '../../domain/time.ts';
import type { Awaitable } from '../ports.ts';
import type { Role } from '../wire/system.ts';

export interface User {
  /** Unique, whatever the case of its letters. */
  readonly name: string;
  readonly role: Role;
  /** Encoded argon2id hash (PHC string format). */
  readonly passwordHash: string;
  readonly createdMs: EpochMs;
}

export interface UserStore {
  /** Ignores the case of ASCII letters. */
  find(name: string): Awaitable<User | undefined>;
  isEmpty(): Awaitable<boolean>;
  /** @throws NvrError `conflict` when the name is taken */
  insert(user: User): Awaitable<void>;
}

export interface Session {
  /** SHA-256 of the token, in hex: whoever reads the store cannot use it. */
  readonly tokenHash: string;
  readonly userName: string;
  readonly createdMs: EpochMs;
  /** Last use, to within a minute. */
  readonly seenMs: EpochMs;
}

export interface SessionStore {
  find(tokenHash: string): Awaitable<Session | undefined>;
  insert(session: Session): Awaitable<void>;
  touch(tokenHash: string, seenMs: EpochMs): Awaitable<void>;
  remove(tokenHash: string): Awaitable<void>;
  /** Forgets the sessions created before, or last seen before, these times. */
  removeExpired(createdBefore: EpochMs, seenBefore: EpochMs): Awaitable<void>;
}
