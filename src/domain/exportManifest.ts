/** What an exported archive says of itself: its manifest, and what is wrong with one. Pure. */
import { NvrError } from './errors.ts';
import { isRecord } from './record.ts';
import type { GapCause } from './recording.ts';
import type { EpochMs } from './time.ts';

export const MANIFEST_NAME = 'manifest.json';
export const SIGNATURE_NAME = 'manifest.sig.json';

/** A file of an export. Times are UTC epoch milliseconds. */
export interface ManifestFile {
  readonly name: string;
  readonly cameraId: string;
  readonly cameraName: string;
  /** What was asked for of the camera, and what the file shows, gaps in it included. */
  readonly askedFromMs: EpochMs;
  readonly askedToMs: EpochMs;
  readonly deliveredFromMs: EpochMs;
  readonly deliveredToMs: EpochMs;
  /** What is missing between the ends of what was asked for. */
  readonly gaps: readonly { readonly startMs: EpochMs; readonly endMs: EpochMs; readonly cause: GapCause }[];
  /**
   * By how much the recorder's clock ran ahead of the camera's between the file's first and last minute; null where
   * there is only one.
   */
  readonly driftMs: number | null;
  /** RFC 6381. */
  readonly codecs: string;
  /** Whether the pictures are as they were recorded, or were encoded anew with the time drawn into them. */
  readonly burnTime: boolean;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** A camera that was asked for, also one of which there is no file. */
export interface ManifestCamera {
  readonly cameraId: string;
  readonly cameraName: string;
  readonly askedFromMs: EpochMs;
  readonly askedToMs: EpochMs;
  /** Where there was no footage when the export was made: gaps, what was not to be recorded, and what had been deleted. */
  readonly missing: readonly { readonly startMs: EpochMs; readonly endMs: EpochMs }[];
}

export interface Manifest {
  readonly format: 'nightjar-export';
  readonly version: 1;
  readonly software: string;
  /** UUID of the installation. */
  readonly installation: string;
  readonly createdMs: EpochMs;
  readonly createdBy: string;
  /** Zone of the names of the files. */
  readonly zone: string;
  readonly cameras: readonly ManifestCamera[];
  readonly files: readonly ManifestFile[];
}

/** Of the exact bytes of the manifest. */
export interface ManifestSignature {
  readonly algorithm: 'Ed25519';
  /** DER (SubjectPublicKeyInfo) in base64. */
  readonly publicKey: string;
  /** In base64. */
  readonly signature: string;
}

/** The bytes of a manifest as they are signed. */
export function manifestBytes(manifest: Manifest): Buffer {
  return Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
}

/** @throws NvrError `invalid` for anything else. */
export function readManifest(bytes: Buffer): Pick<Manifest, 'software' | 'createdMs' | 'files'> {
  const found = parsed(bytes);
  const { format, version, software, createdMs, files } = found;
  if (format !== 'nightjar-export') throw malformed('it is of another program');
  if (version !== 1) throw malformed('it is of a newer version');
  if (typeof software !== 'string' || typeof createdMs !== 'number' || !isFiles(files)) {
    throw malformed('something is missing in it');
  }
  return { software, createdMs: createdMs as EpochMs, files };
}

/** @throws NvrError `invalid` for anything else. */
export function readSignature(bytes: Buffer): ManifestSignature {
  const { algorithm, publicKey, signature } = parsed(bytes);
  if (algorithm !== 'Ed25519' || typeof publicKey !== 'string' || typeof signature !== 'string') {
    throw malformed('its signature is of another kind');
  }
  return { algorithm, publicKey, signature };
}

type Loose = Readonly<Record<string, unknown>>;

function parsed(bytes: Buffer): Loose {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (isRecord(value)) return value;
  } catch {
    // Said below.
  }
  throw malformed('it is no JSON object');
}

function isFiles(value: unknown): value is readonly ManifestFile[] {
  return Array.isArray(value) && value.every(isFile);
}

function isFile(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { name, bytes, sha256, cameraId } = value;
  return [name, sha256, cameraId].every((text) => typeof text === 'string') && typeof bytes === 'number';
}

function malformed(what: string): NvrError {
  return new NvrError('invalid', `The manifest cannot be read: ${what}.`);
}
