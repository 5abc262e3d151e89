/** Users and sessions as they are stored. The stores are implemented over the index; nothing here is a secret. */

import type { AuditFilter, AuditLine, Session, Token, User } from '../../domain/accounts.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Awaitable } from '../ports.ts';
import type { SetupView } from '../wire/access.ts';

export type { AuditFilter, AuditLine, Session, Token, User } from '../../domain/accounts.ts';

export interface UserStore {
  /** Ignores the case of ASCII letters. */
  find(name: string): Awaitable<User | undefined>;
  isEmpty(): Awaitable<boolean>;
  /** All of them, by name. */
  list(): Awaitable<readonly User[]>;
  /** @throws NvrError `conflict` when the name is taken */
  insert(user: User): Awaitable<void>;
  /** Replaces all but the name and the times. @throws NvrError `not-found` */
  update(user: User): Awaitable<void>;
  noteLogin(name: string, atMs: EpochMs): Awaitable<void>;
  /** With their sessions and tokens. @throws NvrError `not-found` */
  remove(name: string): Awaitable<void>;
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

export interface TokenStore {
  find(tokenHash: string): Awaitable<Token | undefined>;
  /** All of them, the newest first. */
  list(): Awaitable<readonly Token[]>;
  insert(token: Token): Awaitable<void>;
  touch(id: string, usedMs: EpochMs): Awaitable<void>;
  /** @throws NvrError `not-found` */
  remove(id: string): Awaitable<void>;
}

export interface AuditStore {
  add(line: AuditLine): Awaitable<void>;
  /** The newest first. */
  list(filter: AuditFilter): Awaitable<readonly (AuditLine & { readonly id: number })[]>;
}

/** The first set-up, as far as others know of it. */
export interface SetupPort {
  /** Until somebody chose the first user's password. */
  isOpen(): Awaitable<boolean>;
  begin(): Awaitable<void>;
  finish(): Awaitable<void>;
  facts(): Awaitable<Pick<SetupView, 'zone' | 'folders'>>;
}
