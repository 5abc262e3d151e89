/** Passwords of cameras in a file that leaves the recorder: locked with a key that scrypt (RFC 7914) makes of a passphrase. */
import { randomBytes, scrypt } from 'node:crypto';
import { Vault } from '../archive/vault.ts';
import { NvrError } from '../domain/errors.ts';
import type { SettingsFile } from '../http/wire/settings.ts';

/** Of the streams of one camera. */
export interface Passwords {
  readonly main?: string;
  readonly sub?: string;
}

type Locked = NonNullable<SettingsFile['passwords']>;

const CONTEXT = 'settings 1';
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 };

/** By the ids of the cameras. */
export async function lock(passwords: ReadonlyMap<string, Passwords>, passphrase: string): Promise<Locked> {
  const salt = randomBytes(SALT_BYTES);
  const vault = await vaultOf(passphrase, salt);
  const sealed = vault.seal(JSON.stringify([...passwords]), CONTEXT);
  return { salt: salt.toString('base64url'), sealed };
}

/** @throws NvrError `invalid` for another passphrase, and for what was tampered with */
export async function unlock(locked: Locked, passphrase: string): Promise<ReadonlyMap<string, Passwords>> {
  const vault = await vaultOf(passphrase, Buffer.from(locked.salt, 'base64url'));
  const opened = vault.open(locked.sealed, CONTEXT);
  if (opened === null) {
    throw new NvrError('invalid', 'The passphrase does not open the passwords of this file.', {
      field: 'passphrase',
    });
  }
  const entries: [string, Passwords][] = JSON.parse(opened);
  return new Map(entries);
}

function vaultOf(passphrase: string, salt: Buffer): Promise<Vault> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, KEY_BYTES, COST, (error, key) =>
      error === null ? resolve(new Vault(key)) : reject(error),
    );
  });
}
