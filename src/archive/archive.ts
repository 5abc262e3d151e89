/**
 * The room's front door: opens the state folder and the media folder, recovers, and hands out the parts that the rest
 * of the house uses. No rule is decided here.
 */
import { join } from 'node:path';
import type { RunId } from '../domain/ids.ts';
import type { Clock } from '../domain/time.ts';
import { CameraStore } from './cameraStore.ts';
import { Database, lockFile } from './database.ts';
import { type Disk, realDisk, syncFolders } from './disk.ts';
import { Footage } from './footage.ts';
import { Ledger } from './ledger.ts';
import { migrate } from './migrations.ts';
import type { Log } from './records.ts';
import { type RecoveryReport, recover } from './recovery.ts';
import { SegmentStore } from './segmentStore.ts';
import { SegmentWriter, WRITER_LIMITS, type WriteProblem, type WriterLimits } from './segmentWriter.ts';
import { SettingStore } from './settingStore.ts';
import { SessionStore, UserStore } from './userStore.ts';
import { openVolume, prepareFolder } from './volume.ts';

export interface ArchiveOptions extends Partial<WriterLimits> {
  /** Absolute path of the folder of the index; created in a parent that exists. One recorder at a time uses it. */
  readonly stateDir: string;
  /** Absolute path of the folder of the segment files; created in a parent that exists. */
  readonly mediaDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** In place of the real disk, for segment files. */
  readonly disk?: Disk;
}

interface Parts {
  readonly database: Database;
  readonly unlock: () => void;
  readonly ledger: Ledger;
  readonly store: SegmentStore;
  readonly footage: Footage;
  readonly recovery: RecoveryReport;
}

export class Archive {
  /** The cameras the user added. */
  readonly cameras: CameraStore;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  /** Facts about this installation. */
  readonly settings: SettingStore;
  /** Runs, recordings and gaps are written down here. */
  readonly ledger: Ledger;
  /** What there is, and its bytes. */
  readonly footage: Footage;
  /** What was found at the start. */
  readonly recovery: RecoveryReport;
  readonly #options: ArchiveOptions;
  readonly #parts: Parts;
  readonly #writers = new Set<SegmentWriter>();

  private constructor(options: ArchiveOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
    this.cameras = new CameraStore(parts.database);
    this.users = new UserStore(parts.database);
    this.sessions = new SessionStore(parts.database);
    this.settings = new SettingStore(parts.database);
    this.ledger = parts.ledger;
    this.footage = parts.footage;
    this.recovery = parts.recovery;
  }

  /**
   * Opens the archive, creating what is not there, and recovers what a crash left behind.
   * @throws NvrError naming the folder or file and what is wrong: missing parent, not writable, not a folder, in use by
   *   another recorder, another installation's volume, volume not mounted, database damaged or newer.
   */
  static async open(options: ArchiveOptions): Promise<Archive> {
    const { stateDir, mediaDir, log } = options;
    await prepareFolder(stateDir);
    await prepareFolder(mediaDir);
    const unlock = lockFile(join(stateDir, 'nightjar.lock'));
    let database: Database | null = null;
    try {
      database = Database.open(join(stateDir, 'nightjar.db'));
      return new Archive(options, await openParts(options, database, unlock));
    } catch (error) {
      await database?.close();
      unlock();
      log.error({ err: error, stateDir, mediaDir }, 'the archive could not be opened');
      throw error;
    }
  }

  /**
   * A writer for the fragments of a run that has begun.
   * @param onProblem told of media that does not become durable
   * @throws NvrError `not-found` when there is no such run.
   */
  writer(runId: RunId, onProblem: (problem: WriteProblem) => void): SegmentWriter {
    const { ledger, store } = this.#parts;
    const run = ledger.run(runId);
    const source = { run, init: ledger.init(run.initKey) };
    const limits = limitsOf(this.#options);
    const writer: SegmentWriter = new SegmentWriter({
      source,
      store,
      clock: this.#options.clock,
      limits,
      onProblem,
      onEnded: () => this.#writers.delete(writer),
    });
    this.#writers.add(writer);
    return writer;
  }

  /** Ends all writers, closes the index and lets the state folder go. */
  async close(): Promise<void> {
    await Promise.all([...this.#writers].map((writer) => writer.end()));
    await this.#parts.database.close();
    this.#parts.unlock();
  }
}

async function openParts(options: ArchiveOptions, database: Database, unlock: () => void): Promise<Parts> {
  const { stateDir, mediaDir, log, disk = realDisk } = options;
  const { from, to } = migrate(database);
  if (from !== to) log.info({ from, to }, 'the index was brought to the newest schema');
  await syncFolders(stateDir);
  const volume = await openVolume(database, mediaDir);
  await volume.verify();
  const ledger = new Ledger(database);
  const store = new SegmentStore(database, disk, volume, log);
  const footage = new Footage(database, disk, ledger, store);
  const recovery = await recover({ database, disk, volume, store, log });
  const { recovered, removed, missing, failed, interrupted } = recovery;
  if (recovered.length + removed.length + missing.length + failed.length + interrupted.length > 0) {
    log.warn({ recovered, removed, missing, failed, interrupted }, 'the last process did not end cleanly');
  }
  return { database, unlock, ledger, store, footage, recovery };
}

function limitsOf(options: ArchiveOptions): WriterLimits {
  return {
    segmentMs: options.segmentMs ?? WRITER_LIMITS.segmentMs,
    syncMs: options.syncMs ?? WRITER_LIMITS.syncMs,
    retryMs: options.retryMs ?? WRITER_LIMITS.retryMs,
    maxQueuedBytes: options.maxQueuedBytes ?? WRITER_LIMITS.maxQueuedBytes,
    maxQueuedMs: options.maxQueuedMs ?? WRITER_LIMITS.maxQueuedMs,
  };
}
