/**
 * The room's front door: opens the state folder and the media folder, recovers, and hands out the parts that the rest
 * of the house uses. No rule is decided here.
 */
import { join } from 'node:path';
import type { RunId } from '../domain/ids.ts';
import type { SpaceRules } from '../domain/retention.ts';
import type { Clock } from '../domain/time.ts';
import { type AccessStores, accessStores } from './accessStores.ts';
import { CameraStore } from './cameraStore.ts';
import { Database, lockFile } from './database.ts';
import { type Disk, realDisk, syncFolders } from './disk.ts';
import { EventStore } from './eventStore.ts';
import { Exporter } from './exporter.ts';
import { ExportSources } from './exportSources.ts';
import { FindingStores } from './findingStores.ts';
import { Footage } from './footage.ts';
import type { GateLimits } from './gate.ts';
import { HoldingArea } from './holding.ts';
import { Ledger } from './ledger.ts';
import { LegacyStore } from './legacyStore.ts';
import { migrate } from './migrations.ts';
import { MissingFootage } from './missingFootage.ts';
import { PolicyStore, ScheduleStore } from './policyStore.ts';
import { PreviewStore } from './previewStore.ts';
import { ProtectionStore } from './protectionStore.ts';
import type { Log } from './records.ts';
import { type RecoveryReport, recover, recoverFiles, tellRecovery } from './recovery.ts';
import { Retention } from './retention.ts';
import { RetentionIndex } from './retentionIndex.ts';
import { sealPasswords } from './sealing.ts';
import { type ActivityDoor, SegmentStore } from './segmentStore.ts';
import type { SegmentWriter } from './segmentWriter.ts';
import { SettingStore } from './settingStore.ts';
import { StorageReporter } from './storageReport.ts';
import { Vault } from './vault.ts';
import { openVolumes, prepareFolder } from './volume.ts';
import { type Placement, Volumes } from './volumes.ts';
import { WebhookStore } from './webhookStore.ts';
import type { WriteProblem } from './writeLosses.ts';
import { type WriterLimits, writerLimits } from './writerLimits.ts';
import { Writers } from './writers.ts';

export interface ArchiveOptions extends Partial<WriterLimits> {
  /** Absolute path of the folder of the index; created in a parent that exists. One recorder at a time uses it. */
  readonly stateDir: string;
  /** Absolute path of the folder of the segment files; created in a parent that exists. */
  readonly mediaDir: string;
  /** More of them: footage is spread over all. One that is missing at the start is waited for. */
  readonly moreMediaDirs?: readonly string[];
  /** How the folder of a new file is chosen; `camera` when absent. */
  readonly placement?: Placement;
  readonly clock: Clock;
  readonly log: Log;
  /** In place of the real disk, for segment files. */
  readonly disk?: Disk;
  /** Bounds of each disk. */
  readonly gate?: GateLimits;
  /** Knows how much moves. */
  readonly activity?: ActivityDoor;
  /** What is kept free, and what happens when that can't be. */
  readonly space?: SpaceRules;
  /** How long the footage of deleted cameras is held, in ms; null or absent for ever. */
  readonly holdMs?: number | null;
}

interface Parts {
  readonly database: Database;
  readonly vault: Vault;
  readonly unlock: () => void;
  readonly ledger: Ledger;
  readonly volumes: Volumes;
  readonly store: SegmentStore;
  readonly writers: Writers;
  readonly footage: Footage;
  readonly recovery: RecoveryReport;
}

const DEFAULT_SPACE: SpaceRules = { reserveBytes: null, whenFull: 'drop-oldest' };

export class Archive {
  /** The cameras the user added. */
  readonly cameras: CameraStore;
  readonly access: AccessStores;
  /** Seals what must not be readable in the index. */
  readonly vault: Vault;
  /** Facts about this installation. */
  readonly settings: SettingStore;
  /** What happened; told through the bus in `app/`. */
  readonly events: EventStore;
  /** Who is told of it by HTTP. */
  readonly webhooks: WebhookStore;
  /** Runs, recordings and gaps are written down here. */
  readonly ledger: Ledger;
  /** What there is, and its bytes. */
  readonly footage: Footage;
  /** What of it can't be reached now. */
  readonly missing: MissingFootage;
  /** Any interval as one file. */
  readonly exporter: Exporter;
  /** The timeline, activity, exports in the background. */
  readonly finding: FindingStores;
  /** Sheets of thumbnails. */
  readonly previews: PreviewStore;
  /** How long the footage of each camera is kept, when each records, and what somebody locked. */
  readonly policies: PolicyStore;
  readonly schedules: ScheduleStore;
  readonly legacy: LegacyStore;
  readonly protections: ProtectionStore;
  /** Deleted cameras and their footage. */
  readonly holding: HoldingArea;
  /** Deletes, once it is started. */
  readonly retention: Retention;
  /** How much there is, and how long it will last. */
  readonly storage: StorageReporter;
  /** What was found at the start. */
  readonly recovery: RecoveryReport;
  readonly #options: ArchiveOptions;
  readonly #parts: Parts;

  private constructor(options: ArchiveOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
    this.vault = parts.vault;
    this.cameras = new CameraStore(parts.database, parts.vault);
    this.access = accessStores(parts.database);
    this.settings = new SettingStore(parts.database);
    this.events = new EventStore(parts.database);
    this.webhooks = new WebhookStore(parts.database);
    this.ledger = parts.ledger;
    this.footage = parts.footage;
    this.finding = new FindingStores(parts.database);
    this.previews = new PreviewStore(parts.database, join(options.stateDir, 'previews'));
    this.missing = new MissingFootage(parts.database, parts.volumes.all);
    this.exporter = new Exporter({
      sources: new ExportSources(parts.database, parts.store, (files) => this.missing.expectReachable(files)),
      disk: parts.volumes.disk,
      init: (initKey) => parts.ledger.init(initKey),
    });
    this.recovery = parts.recovery;
    this.policies = new PolicyStore(parts.database);
    this.schedules = new ScheduleStore(parts.database);
    this.legacy = new LegacyStore(parts.database);
    this.protections = new ProtectionStore(parts.database);
    const doors = this.#retentionDoors();
    this.holding = new HoldingArea({
      ...doors,
      protections: this.protections,
      holdMs: options.holdMs ?? null,
    });
    this.retention = new Retention({ ...doors, holding: this.holding });
    const health = (volumeId: number) => parts.volumes.healthOf(volumeId);
    this.storage = new StorageReporter({ ...doors, retention: this.retention, health });
  }

  /**
   * Opens the archive, creating what is not there, and recovers what a crash left behind.
   * @throws NvrError naming the folder or file and what is wrong: missing parent, not writable, not a folder, in use by
   *   another recorder, another installation's volume, volume not mounted, database damaged or newer.
   */
  static async open(options: ArchiveOptions): Promise<Archive> {
    const { stateDir, mediaDir, log } = options;
    await prepareFolder(stateDir);
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
   * @param segmentMs length of its files; null as the setting says
   * @param onProblem told of media that does not become durable
   * @throws NvrError `not-found` when there is no such run.
   */
  writer(
    runId: RunId,
    onProblem: (problem: WriteProblem) => void,
    segmentMs: number | null = null,
  ): SegmentWriter {
    return this.#parts.writers.open(runId, onProblem, segmentMs ?? undefined);
  }

  #retentionDoors() {
    const { clock, log, space = DEFAULT_SPACE } = this.#options;
    const { database, volumes } = this.#parts;
    return {
      ...{ clock, log, rules: space, database, disk: volumes.disk, policies: this.policies },
      index: new RetentionIndex(database, this.protections),
      volumes: () => volumes.all,
    };
  }

  /** Stores everything that the function stores, or, when it throws, nothing. */
  together<T>(work: () => T): T {
    return this.#parts.database.transaction(work);
  }

  /** The process is to stop: no writer waits long for a disk any more, those that end by themselves neither. */
  hurry(): void {
    this.#parts.writers.hurry();
  }

  /** Ends all writers, which takes no longer than their limit, closes the index and lets the state folder go. */
  async close(): Promise<void> {
    this.#parts.volumes.close();
    const { store, writers } = this.#parts;
    await Promise.all([store.stop(), this.retention.close(), writers.end()]);
    // What an index still has open that can't be closed is nobody else's.
    if (await this.#parts.database.close()) this.#parts.unlock();
    else this.#options.log.error({}, 'the disk of the index does not answer: it is left as it is');
  }
}

async function openParts(options: ArchiveOptions, database: Database, unlock: () => void): Promise<Parts> {
  const {
    stateDir,
    mediaDir,
    moreMediaDirs = [],
    placement = 'camera',
    clock,
    log,
    gate,
    disk = realDisk,
  } = options;
  const limits = writerLimits(options);
  const { retryMs } = limits;
  const { from, to } = migrate(database);
  if (from !== to) log.info({ from, to }, 'the index was brought to the newest schema');
  const vault = Vault.open(stateDir);
  sealPasswords(database, vault, log);
  await syncFolders(stateDir);
  const ledger = new Ledger(database);
  const volumes = new Volumes(await openVolumes(database, [mediaDir, ...moreMediaDirs], gate), {
    placement,
    retryMs,
    disk,
    log,
    now: () => clock.now(),
    onBack: (volume) => {
      writers.retryNow();
      // What was open on it when it went, or when the last process ended.
      recoverFiles(doors, [volume]).then(
        (files) =>
          log.warn({ folder: volume.path, ...files }, 'a media folder that is back was put in order'),
        (error: unknown) =>
          log.error({ err: error, folder: volume.path }, 'a media folder could not be put in order'),
      );
    },
  });
  const store = new SegmentStore({
    ...{ database, volumes, log, retryMs, activity: options.activity },
    onLost: (cameraId, lost) => ledger.recordLoss(cameraId, lost, 'storage'),
  });
  const writers = new Writers({ ledger, store, log, limits });
  const doors = { database, volumes, store, ledger, log, now: () => clock.now() };
  const footage = new Footage(database, volumes.disk, ledger, store);
  const recovery = await recover(doors);
  tellRecovery(recovery, log);
  return { database, vault, unlock, ledger, volumes, store, writers, footage, recovery };
}
