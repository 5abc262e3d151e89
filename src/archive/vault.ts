/**
 * Seals the secrets that the recorder has to be able to read again (passwords of cameras, keys of webhooks), with
 * AES-256-GCM (NIST SP 800-38D) and a key in a file of its own beside the index. A copy of the index alone gives
 * nothing away. Without the key, what was sealed can't be read and has to be given anew; nothing else is lost, and a
 * key file that is put back opens everything again. The only place that encrypts.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, NvrError } from '../domain/errors.ts';
import { keepFile } from './keepFile.ts';

const KEY_FILE = 'secrets.key';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Of the form, so that another one can follow. */
const PREFIX = 'v1.';
const OTHERS = 0o077;

export class Vault {
  readonly #key: Buffer;

  /** @param key 32 bytes */
  constructor(key: Buffer) {
    this.#key = key;
  }

  /**
   * With the key of a state folder, which is made when there is none; readable by its owner only.
   * @throws NvrError `invalid` when the file is no key, `unavailable` when it can't be read or written
   */
  static open(stateDir: string): Vault {
    const path = join(stateDir, KEY_FILE);
    try {
      return new Vault(readKey(path) ?? makeKey(path));
    } catch (cause) {
      if (cause instanceof NvrError) throw cause;
      const detail = `The key of the secrets ${path} can’t be read or written: ${messageOf(cause)}`;
      throw new NvrError('unavailable', detail, { field: 'stateDir', cause });
    }
  }

  /** @param context what the secret is of: sealed for one thing, it opens for no other */
  seal(secret: string, context: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(Buffer.from(context));
    const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return PREFIX + Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url');
  }

  /** The secret; null when it was sealed with another key, for something else, or was tampered with. */
  open(sealed: string, context: string): string | null {
    const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url');
    if (!sealed.startsWith(PREFIX) || bytes.length < IV_BYTES + TAG_BYTES) return null;
    const options = { authTagLength: TAG_BYTES };
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, IV_BYTES), options)
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    try {
      return (
        decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      );
    } catch {
      return null;
    }
  }
}

function readKey(path: string): Buffer | null {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return null;
  const { mode } = statSync(path);
  // Copied back from somewhere, perhaps.
  if ((mode & OTHERS) !== 0) chmodSync(path, 0o600);
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'hex');
  if (key.length === KEY_BYTES) return key;
  throw new NvrError(
    'invalid',
    `${path} is no key: 64 hexadecimal digits are needed. Put back a copy of it; or remove it, and cameras ask for their passwords again.`,
    { field: 'stateDir' },
  );
}

function makeKey(path: string): Buffer {
  const key = randomBytes(KEY_BYTES);
  keepFile(path, `${key.toString('hex')}\n`, 0o600);
  return key;
}
