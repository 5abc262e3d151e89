/** Users and sessions as they are stored. The stores are implemented over the index; nothing here is a secret. */

import type { Grant, Means, Role } from '../../domain/access.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Awaitable } from '../ports.ts';
import type { SetupView } from '../wire/access.ts';

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
  /** Replaces all but the name and the times. @throws NvrError `not-found` */
  update(user: User): Awaitable<void>;
  noteLogin(name: string, atMs: EpochMs): Awaitable<void>;
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

/** What a program uses the API with, in place of a password. */
export interface Token {
  readonly id: string;
  /** As of `Session`. */
  readonly tokenHash: string;
  readonly name: string;
  readonly userName: string;
  /** What it may do at most, whatever its user may. */
  readonly role: Role;
  readonly cameras: Grant;
  readonly createdMs: EpochMs;
  readonly expiresMs: EpochMs | null;
  /** Last use, to within a minute. */
  readonly usedMs: EpochMs | null;
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

/** What somebody did, or was refused; without any value that they sent. */
export interface AuditLine {
  readonly atMs: EpochMs;
  /** Empty when nobody was logged in. */
  readonly user: string;
  readonly means: Means | '';
  readonly address: string;
  /** Method and route. */
  readonly action: string;
  readonly target: string;
  /** Names of what the body set. */
  readonly fields: readonly string[];
  readonly status: number;
  readonly requestId: string;
}

export interface AuditFilter {
  readonly user: string | null;
  /** A part of the action. */
  readonly action: string | null;
  readonly fromMs: number;
  readonly toMs: number;
  /** Only what is older than this line. */
  readonly beforeId: number | null;
  readonly limit: number;
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
