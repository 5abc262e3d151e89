/**
 * The folder that holds segment files, and the proof that it is the right one: an identity file with the volume's
 * UUID. A disk that is not mounted leaves an empty folder behind, which must never be recorded into.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, stat, statfs, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NvrError } from '../domain/errors.ts';
import type { Database } from './database.ts';
import { codeOf, diskError, syncFolders } from './disk.ts';
import { Gate, type GateLimits } from './gate.ts';

/** Name of the identity file in a volume's folder. */
export const IDENTITY_FILE = '.nightjar-volume.json';

interface Identity {
  /** Of the volume. */
  readonly uuid: string;
  /** The installation it belongs to: two recorders never share a volume. */
  readonly installation: string;
}

/** A folder of segment files, and whether it can be used. */
export class Volume {
  readonly id: number;
  readonly uuid: string;
  /** Absolute. */
  readonly path: string;
  /** Everything that is done to the folder goes through it. */
  readonly gate: Gate;
  #seen: { readonly dev: number; readonly ino: number } | null = null;
  #trouble: NvrError | null = null;

  constructor(row: VolumeRow, limits?: GateLimits) {
    this.id = row.id;
    this.uuid = row.uuid;
    this.path = row.path;
    this.gate = new Gate(row.path, limits);
  }

  /** Why it is out of use; null while it is not. */
  get trouble(): NvrError | null {
    return this.#trouble;
  }

  takeOut(trouble: NvrError): void {
    this.#trouble = trouble;
  }

  takeBack(): void {
    this.#trouble = null;
  }

  /**
   * Proves that the volume is still there; to be called before a file is created in it, and after. It costs one
   * `stat` unless the identity file is another than the last time.
   * @throws NvrError `unavailable` when it has been unmounted or another is mounted in its place.
   */
  async verify(): Promise<void> {
    await this.gate.run(async () => {
      const path = join(this.path, IDENTITY_FILE);
      const { dev, ino } = await stat(path).catch((error: unknown) => {
        throw codeOf(error) === 'ENOENT' ? notMounted(this.path) : diskError(path, error);
      });
      if (this.#seen?.dev === dev && this.#seen.ino === ino) return;
      const identity = await readIdentity(this.path);
      if (identity === null) throw notMounted(this.path);
      if (identity.uuid !== this.uuid) throw wrongVolume(this.path);
      this.#seen = { dev, ino };
    });
  }

  /** Proves that it is the right one and takes data, by writing some. @throws NvrError of whatever is wrong. */
  async probe(): Promise<void> {
    await this.verify();
    await this.gate.run(() => proveWritable(this.path, PROBE_BYTES));
  }

  /** What the file system has left for programs without privileges, in bytes. @throws NvrError */
  async freeBytes(): Promise<number> {
    return await this.gate.run(async () => {
      const { bavail, bsize } = await statfs(this.path).catch((error: unknown) => {
        throw diskError(this.path, error);
      });
      return bavail * bsize;
    });
  }
}

/** Enough to need room of its own on any file system. */
const PROBE_BYTES = 2 ** 16;

/**
 * Creates a folder whose parent exists, or takes the one that is there, and proves that it can be written.
 * @throws NvrError naming the path and what is wrong with it.
 */
export async function prepareFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
    await syncFolders(dirname(path));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      throw new NvrError(
        'unavailable',
        `The folder ${dirname(path)} does not exist, so ${path} cannot be created.`,
        {
          cause: error,
        },
      );
    }
    if (codeOf(error) !== 'EEXIST') throw diskError(path, error);
    if (!(await stat(path)).isDirectory()) {
      throw new NvrError('unavailable', `${path} is not a folder.`, { cause: error });
    }
  }
  await proveWritable(path, 0).catch((error: unknown) => {
    // A full disk is no obstacle: there is footage to delete.
    if (!(error instanceof NvrError && error.kind === 'exhausted')) throw error;
  });
}

/** Permissions tell little (root, ACLs, read-only mounts): writing a file of so many bytes tells. */
async function proveWritable(folder: string, bytes: number): Promise<void> {
  const path = join(folder, `.nightjar-probe-${randomUUID()}`);
  try {
    const file = await open(path, 'wx');
    try {
      if (bytes > 0) {
        await file.writeFile(Buffer.alloc(bytes));
        await file.datasync();
      }
    } finally {
      await file.close();
      await unlink(path);
    }
  } catch (error) {
    throw diskError(folder, error);
  }
}

/**
 * Opens the volume at an existing folder: proves its identity, or gives it one when neither the folder nor the
 * database knows of a volume there.
 * @throws NvrError `conflict` for the volume of another installation, `unavailable` when the volume that belongs
 *   at the path is not there or another one is.
 */
export async function openVolume(database: Database, path: string, limits?: GateLimits): Promise<Volume> {
  const rows = volumeRows(database);
  const installation = installationOf(database);
  const atPath = rows.byPath.get(path);
  const identity = await readIdentity(path);
  if (identity === null) {
    if (atPath !== undefined) throw notMounted(path);
    // The file first: if the row is never stored, the next start finds a file of this installation and stores it.
    const uuid = randomUUID();
    await writeIdentity(path, { uuid, installation });
    return new Volume({ id: rows.insert.run(uuid, path).id, uuid, path }, limits);
  }
  if (identity.installation !== installation) {
    throw new NvrError(
      'conflict',
      `The media folder ${path} belongs to another installation of Nightjar. Use the state folder that goes with it, or another media folder.`,
    );
  }
  if (atPath !== undefined && atPath.uuid !== identity.uuid) throw wrongVolume(path);
  const known = rows.byUuid.get(identity.uuid);
  const id = known?.id ?? rows.insert.run(identity.uuid, path).id;
  if (known !== undefined && known.path !== path) rows.move.run(path, id);
  return new Volume({ id, uuid: identity.uuid, path }, limits);
}

/**
 * Opens the volumes at these paths. One that is known and is not there, or is another, is given out of use; so the
 * recorder starts with the rest.
 * @throws NvrError when a new one cannot be used, when one belongs to another installation, or when none can be used.
 */
export async function openVolumes(
  database: Database,
  paths: readonly string[],
  limits?: GateLimits,
): Promise<Volume[]> {
  const opened: Volume[] = [];
  for (const path of paths) {
    try {
      await prepareFolder(path);
      const volume = await openVolume(database, path, limits);
      await volume.verify();
      opened.push(volume);
    } catch (error) {
      const known = volumeRows(database).byPath.get(path);
      if (!(error instanceof NvrError) || error.kind !== 'unavailable' || known === undefined) throw error;
      const volume = new Volume(known, limits);
      volume.takeOut(error);
      opened.push(volume);
    }
  }
  const [first] = opened;
  if (first?.trouble && opened.every(({ trouble }) => trouble !== null)) throw first.trouble;
  return opened;
}

export interface VolumeRow {
  readonly id: number;
  readonly uuid: string;
  readonly path: string;
}

function volumeRows(database: Database) {
  return {
    byPath: database.prepare<[string], VolumeRow>('SELECT id, uuid, path FROM volume WHERE path = ?'),
    byUuid: database.prepare<[string], VolumeRow>('SELECT id, uuid, path FROM volume WHERE uuid = ?'),
    insert: database.prepare<[string, string]>('INSERT INTO volume (uuid, path) VALUES (?, ?)'),
    move: database.prepare<[string, number]>('UPDATE volume SET path = ? WHERE id = ?'),
  };
}

/** The UUID of this installation; made up the first time. */
function installationOf(database: Database): string {
  database
    .prepare<[string]>("INSERT INTO setting (key, value) VALUES ('installation', ?) ON CONFLICT DO NOTHING")
    .run(randomUUID());
  const row = database
    .prepare<[], { value: string }>("SELECT value FROM setting WHERE key = 'installation'")
    .get();
  if (row === undefined) throw new NvrError('internal', 'The database does not name its installation.');
  return row.value;
}

async function readIdentity(folder: string): Promise<Identity | null> {
  const path = join(folder, IDENTITY_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw diskError(path, error);
  }
  const identity = parseIdentity(text);
  if (identity === null) throw new NvrError('unavailable', `${path} is damaged: it does not name a volume.`);
  return identity;
}

function parseIdentity(text: string): Identity | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !('uuid' in value) || !('installation' in value))
    return null;
  const { uuid, installation } = value;
  return typeof uuid === 'string' && typeof installation === 'string' ? { uuid, installation } : null;
}

/** Whole or not at all: written beside, synced, renamed. */
async function writeIdentity(folder: string, identity: Identity): Promise<void> {
  const path = join(folder, IDENTITY_FILE);
  try {
    const handle = await open(`${path}.new`, 'w', 0o640);
    try {
      await handle.writeFile(`${JSON.stringify(identity, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${path}.new`, path);
    await syncFolders(folder);
  } catch (error) {
    throw diskError(path, error);
  }
}

/** The volume that belongs in a folder is not there. */
export class MissingVolume extends NvrError {
  constructor(message: string) {
    super('unavailable', message);
  }
}

function notMounted(path: string): NvrError {
  return new MissingVolume(
    `The media folder ${path} has lost its identity file ${IDENTITY_FILE}: its disk is probably not mounted. Nothing is recorded there until it is back.`,
  );
}

function wrongVolume(path: string): NvrError {
  return new MissingVolume(`Another volume is mounted at ${path} than the one that belongs there.`);
}
