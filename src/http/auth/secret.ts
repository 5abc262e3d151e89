/** Random secrets that are given out once and kept as hashes: the tokens of sessions and of programs. */
import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits, in characters that cookies and headers take. */
export function makeSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** A secret is random, so a plain hash (SHA-256, in hex) is enough to make it useless to whoever reads the store. */
export function hashed(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
