/** What there is, what it costs and how long it will last: for people, so nothing here is in a hurry. Changes nothing. */
import { forecast } from '../domain/forecast.ts';
import type { CameraId } from '../domain/ids.ts';
import {
  reserveOf,
  type SpaceRules,
  type UnmetLimit,
  type VolumeFacts,
  type VolumeId,
} from '../domain/retention.ts';
import { type Clock, DAY_MS, type EpochMs, epochMs } from '../domain/time.ts';
import { DamagedFiles, type DamagedTotal } from './damagedFiles.ts';
import type { Database } from './database.ts';
import type { GarbageVolume } from './garbage.ts';
import type { PolicyStore } from './policyStore.ts';
import type { Retention, StandingAlarm } from './retention.ts';
import type { FootageTotal, RetentionIndex } from './retentionIndex.ts';
import type { VolumeHealth } from './volumeHealth.ts';

/** A media folder as it is now. */
export interface VolumeStatus {
  readonly id: VolumeId;
  readonly path: string;
  readonly health: VolumeHealth;
  /** As it was last measured; null before the first time, and while it is missing. */
  readonly space: VolumeFacts | null;
  readonly reserveBytes: number | null;
  readonly alarm: StandingAlarm | null;
  /** Files that are kept because they are damaged. */
  readonly damaged: DamagedTotal;
}

/** The same with what is foreseen. */
export interface StoredVolume extends VolumeStatus {
  readonly keptMs: number | null;
  readonly fullInMs: number | null;
  readonly shortBytes: number;
}

export interface StoredCamera {
  readonly cameraId: CameraId;
  readonly segments: number;
  readonly bytes: number;
  readonly protectedBytes: number;
  readonly oldestMs: EpochMs | null;
  readonly newestMs: EpochMs | null;
  /** Of the last day. */
  readonly bytesPerSecond: number;
  /** How far back its footage will reach at that rate; null when nothing is recorded or nothing ever goes. */
  readonly keptMs: number | null;
  readonly limit: 'age' | 'bytes' | 'space' | null;
  readonly unmet: readonly UnmetLimit['limit'][];
  /** Not recorded for lack of space. */
  readonly stopped: boolean;
}

export interface StorageReport {
  readonly rules: SpaceRules;
  readonly volumes: readonly StoredVolume[];
  readonly cameras: readonly StoredCamera[];
}

export interface ReportDoors {
  readonly database: Database;
  readonly index: RetentionIndex;
  readonly policies: PolicyStore;
  readonly retention: Retention;
  readonly rules: SpaceRules;
  readonly volumes: () => readonly GarbageVolume[];
  readonly health: (volumeId: VolumeId) => VolumeHealth;
  readonly clock: Clock;
}

/** A rate is worked out anew after a tenth of the time it is of, and after so long, in ms. */
const RATE_MS = 300_000;
/** What was recorded for less is no day's rate yet, but taken for one. */
const LEAST_SPAN_MS = 60_000;

export class StorageReporter {
  readonly #doors: ReportDoors;
  readonly #damaged: DamagedFiles;
  readonly #rates = new Map<CameraId, { readonly untilMs: number; readonly bytesPerSecond: number }>();

  constructor(doors: ReportDoors) {
    this.#doors = doors;
    this.#damaged = new DamagedFiles(doors.database);
  }

  /** Everything. Footage of cameras that are no longer registered is named too. */
  report(): StorageReport {
    const { index, policies, rules } = this.#doors;
    const totals = index.totals();
    const writing = index.writing();
    const volumes = this.volumes();
    const foreseen = forecast(
      rules,
      volumes.flatMap(({ space }) => (space === null ? [] : [space])),
      totals.map((total) => ({
        ...total,
        policy: policies.get(total.cameraId),
        protectedBytes: index.protectedBytes(total),
        bytesPerSecond: writing.get(total.cameraId) === total.volumeId ? this.#rateOf(total.cameraId) : 0,
      })),
    );
    return {
      rules,
      volumes: volumes.map((volume) => ({
        ...volume,
        ...(foreseen.volumes.find(({ volumeId }) => volumeId === volume.id) ?? UNKNOWN),
      })),
      cameras: [...new Set(totals.map(({ cameraId }) => cameraId))].map((cameraId) => ({
        ...this.#camera(
          cameraId,
          totals.filter((total) => total.cameraId === cameraId),
        ),
        ...(foreseen.cameras.find((each) => each.cameraId === cameraId && each.keptMs !== null) ?? ENDLESS),
        cameraId,
      })),
    };
  }

  /** How the volumes are doing now; quick. */
  volumes(): readonly VolumeStatus[] {
    const { retention, rules, health, volumes } = this.#doors;
    return volumes().map(({ id, path }) => {
      const its = health(id);
      const space = its.state === 'missing' ? null : retention.spaceOf(id);
      return {
        ...{ id, path, health: its, space },
        reserveBytes: space === null ? null : reserveOf(rules, space.totalBytes),
        alarm: retention.alarms.find(({ volumeId }) => volumeId === id) ?? null,
        damaged: this.#damaged.total(id),
      };
    });
  }

  #camera(cameraId: CameraId, parts: readonly FootageTotal[]) {
    const { index, retention } = this.#doors;
    const extent = index.extent(cameraId);
    const sum = (of: (part: FootageTotal) => number): number =>
      parts.reduce((all, part) => all + of(part), 0);
    return {
      segments: sum(({ segments }) => segments),
      bytes: sum(({ bytes }) => bytes),
      protectedBytes: sum((part) => index.protectedBytes(part)),
      oldestMs: extent?.startMs ?? null,
      newestMs: extent?.endMs ?? null,
      bytesPerSecond: Math.round(this.#rateOf(cameraId)),
      unmet: retention.unmet.filter((each) => each.cameraId === cameraId).map(({ limit }) => limit),
      stopped: retention.stopped.includes(cameraId),
    };
  }

  /** What a camera wrote in the last day, or since it first recorded if that is less, per second. */
  #rateOf(cameraId: CameraId): number {
    const { index, clock } = this.#doors;
    const known = this.#rates.get(cameraId);
    const atMs = clock.monotonic();
    if (known !== undefined && atMs < known.untilMs) return known.bytesPerSecond;
    const now = clock.now();
    const extent = index.extent(cameraId) ?? { startMs: now, endMs: now };
    // The file that is being written is not in the index yet: its time must not count either.
    const endMs = index.writing().has(cameraId) && extent.endMs < now ? extent.endMs : now;
    const startMs = epochMs(Math.max(endMs - DAY_MS, Math.min(extent.startMs, endMs)));
    const spanMs = Math.max(endMs - startMs, LEAST_SPAN_MS);
    const bytesPerSecond = index.bytesIn(cameraId, { startMs, endMs }) / (spanMs / 1000);
    this.#rates.set(cameraId, { untilMs: atMs + Math.min(RATE_MS, spanMs / 10), bytesPerSecond });
    return bytesPerSecond;
  }
}

const UNKNOWN = { keptMs: null, fullInMs: null, shortBytes: 0 };
const ENDLESS = { keptMs: null, limit: null };
