/** Users, what is open in their names, and what they did, as it is stored; nothing here is a secret. */
import type { Grant, Means, Role } from './access.ts';
import type { EpochMs } from './time.ts';

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
