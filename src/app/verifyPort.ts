/** Checks the archive of an export against its manifest, and the manifest against its signature. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { fingerprintOf } from '../archive/recorderKey.ts';
import { type ZipEntry, ZipFile } from '../archive/zipFile.ts';
import { NvrError } from '../domain/errors.ts';
import { MANIFEST_NAME, readManifest, readSignature, SIGNATURE_NAME } from '../domain/exportManifest.ts';
import type { EpochMs } from '../domain/time.ts';

/** What was found; it is genuine when nothing is wrong. */
export interface Verified {
  /** Fingerprint of the key that signed it. */
  readonly key: string;
  readonly software: string;
  readonly createdMs: EpochMs;
  /** Each file that the manifest names, or that is there besides. */
  readonly files: readonly {
    readonly name: string;
    readonly state: 'same' | 'changed' | 'missing' | 'not in the manifest';
  }[];
  /** The manifest is as it was signed. */
  readonly signed: boolean;
}

/** A manifest of many files and gaps. */
const MOST_TEXT = 2 ** 26;

/** @throws NvrError `not-found` without such a file, `invalid` for one that is no export. */
export async function verifyExport(path: string): Promise<Verified> {
  const zip = await ZipFile.open(path);
  try {
    const byName = new Map(zip.entries.map((entry) => [entry.name, entry]));
    const manifestBytes = await textOf(zip, byName.get(MANIFEST_NAME));
    const manifest = readManifest(manifestBytes);
    const { publicKey, signature } = readSignature(await textOf(zip, byName.get(SIGNATURE_NAME)));
    const key = Buffer.from(publicKey, 'base64');
    const files: { name: string; state: Verified['files'][number]['state'] }[] = [];
    for (const { name, bytes, sha256 } of manifest.files) {
      const entry = byName.get(name);
      if (entry === undefined) files.push({ name, state: 'missing' });
      else if (entry.bytes !== bytes) files.push({ name, state: 'changed' });
      else files.push({ name, state: (await hashOf(zip, entry)) === sha256 ? 'same' : 'changed' });
    }
    const named = new Set([MANIFEST_NAME, SIGNATURE_NAME, ...manifest.files.map(({ name }) => name)]);
    for (const { name } of zip.entries)
      if (!named.has(name)) files.push({ name, state: 'not in the manifest' });
    if (zip.entries.length !== byName.size) files.push({ name: 'an entry', state: 'not in the manifest' });
    const signed = isSigned(manifestBytes, key, signature);
    return {
      key: fingerprintOf(key),
      software: manifest.software,
      createdMs: manifest.createdMs,
      files,
      signed,
    };
  } finally {
    await zip.close();
  }
}

function isSigned(bytes: Buffer, key: Buffer, signature: string): boolean {
  try {
    const publicKey = createPublicKey({ key, format: 'der', type: 'spki' });
    return verify(null, bytes, publicKey, Buffer.from(signature, 'base64'));
  } catch {
    // No key at all, or one of another kind.
    return false;
  }
}

async function textOf(zip: ZipFile, entry: ZipEntry | undefined): Promise<Buffer> {
  if (entry === undefined || entry.bytes > MOST_TEXT) {
    throw new NvrError('invalid', 'This archive is no export: it has no signed manifest.');
  }
  const blocks: Buffer[] = [];
  for await (const block of zip.read(entry)) blocks.push(Buffer.from(block));
  return Buffer.concat(blocks);
}

async function hashOf(zip: ZipFile, entry: ZipEntry): Promise<string> {
  const hash = createHash('sha256');
  for await (const block of zip.read(entry)) hash.update(block);
  return hash.digest('hex');
}
