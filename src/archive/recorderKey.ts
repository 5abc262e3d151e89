/** The key of this recorder, with which exports are signed: a file of the state folder that nobody else may read. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NvrError } from '../domain/errors.ts';
import type { ManifestSignature } from '../domain/exportManifest.ts';
import { codeOf } from './disk.ts';
import { keepFile } from './keepFile.ts';

const FILE = 'export-key.pem';

export class RecorderKey {
  readonly #key: KeyObject;
  /** DER (SubjectPublicKeyInfo). */
  readonly publicKey: Buffer;

  private constructor(key: KeyObject) {
    this.#key = key;
    this.publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  }

  /** Reads the key, made the first time. @throws NvrError `unavailable` when that can't be, `invalid` for another file. */
  static open(stateDir: string): RecorderKey {
    const path = join(stateDir, FILE);
    try {
      return new RecorderKey(createPrivateKey(readOrMake(path)));
    } catch (cause) {
      if (codeOf(cause).startsWith('ERR_')) {
        throw new NvrError('invalid', `${path} is no private key.`, { cause });
      }
      throw new NvrError('unavailable', `The key ${path} can be neither read nor made.`, { cause });
    }
  }

  /** What people compare: the first half of the SHA-256 of the public key, in groups of four. */
  get fingerprint(): string {
    return fingerprintOf(this.publicKey);
  }

  sign(bytes: Buffer): ManifestSignature {
    return {
      algorithm: 'Ed25519',
      publicKey: this.publicKey.toString('base64'),
      signature: sign(null, bytes, this.#key).toString('base64'),
    };
  }
}

/** @param publicKey DER (SubjectPublicKeyInfo) */
export function fingerprintOf(publicKey: Buffer): string {
  const hex = createHash('sha256').update(publicKey).digest('hex').slice(0, 32);
  return hex.replace(/.{4}(?=.)/g, '$&-');
}

function readOrMake(path: string): string {
  try {
    const pem = readFileSync(path, 'utf8');
    // What a power cut left of one that was never used: no bytes, or zeros.
    if (/[^\0]/.test(pem)) return pem;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  keepFile(path, pem, 0o600);
  return pem;
}
