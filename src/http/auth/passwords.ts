/** Passwords: made up, hashed, checked, with argon2id. Nothing here remembers a password. */
import { randomInt } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** OWASP's parameters (19 MiB, two passes); the algorithm is argon2id unless said otherwise. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Without letters and digits that look alike. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const GROUPS = 5;
const GROUP_LENGTH = 4;

/** A password of 100 random bits, in groups for copying by hand. */
export function makePassword(): string {
  const group = () =>
    Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}

/** Encoded hash (PHC string format) with a fresh salt. */
export async function hashPassword(password: string): Promise<string> {
  return await hash(password, PARAMETERS);
}

let decoy: Promise<string> | null = null;

/**
 * Whether the password is the one that was hashed. Without a hash, because there is no such user, it is false
 * after as long a time, so that names can't be found out.
 */
export async function verifyPassword(encoded: string | undefined, password: string): Promise<boolean> {
  decoy ??= hashPassword(makePassword());
  const matches = await verify(encoded ?? (await decoy), password);
  return matches && encoded !== undefined;
}
