/**
 * Carries the rules of `domain/retention.ts` out: looks at the disks, asks the rules, deletes in small slices, tells
 * what can't be kept. One thing at a time, and nobody ever waits for it.
 */
import type { CameraId } from '../domain/ids.ts';
import {
  DAMAGED_KEPT_DAYS,
  PURGED_POLICY,
  planRetention,
  type RetentionFacts,
  type RetentionPlan,
  reserveOf,
  type SegmentRef,
  type SpaceAlarm,
  type SpaceRules,
  type UnmetLimit,
  type VolumeFacts,
  type VolumeId,
} from '../domain/retention.ts';
import { DAY_MS, type EpochMs } from '../domain/time.ts';
import { AgeClock } from './ageClock.ts';
import { DamagedFiles } from './damagedFiles.ts';
import { canDelete, Garbage, type GarbageDoors, type GarbageVolume } from './garbage.ts';
import type { HoldingArea } from './holding.ts';
import type { PolicyStore } from './policyStore.ts';
import { SpaceGauge } from './spaceGauge.ts';

/** Segments in one plan, and how long their rows may take, in ms. */
const SLICE = 50;
const SLICE_MS = 15;
/** Segments of each camera that are looked at for a plan; of many cameras fewer each, for they all cost time. */
const LEAST_SLICE = 8;
/** After a failure it is looked again after so long. */
const RETRY_MS = 60_000;
/** An alarm lasts at least so long after the rules last had nothing to delete: longer than a segment. */
const ALARM_MS = 180_000;
/** It ends at once where so many times the reserve are free: somebody has made room. */
const ROOMY = 2;

export interface RetentionDoors extends GarbageDoors {
  readonly policies: PolicyStore;
  readonly holding: Pick<HoldingArea, 'due' | 'sweep'>;
  readonly volumes: () => readonly GarbageVolume[];
  readonly rules: SpaceRules;
}

/** An alarm, and since when it lasts. */
export interface StandingAlarm extends SpaceAlarm {
  readonly sinceMs: EpochMs;
}

export class Retention {
  readonly #doors: RetentionDoors;
  readonly #gauge = new SpaceGauge();
  readonly #garbage: Garbage;
  readonly #damaged: DamagedFiles;
  readonly #ages: AgeClock;
  readonly #alarms = new Map<VolumeId, { readonly alarm: StandingAlarm; readonly untilMs: number }>();
  /** Where each camera writes, or wrote before it was stopped. */
  readonly #writesTo = new Map<CameraId, VolumeId>();
  #stopped: readonly CameraId[] = [];
  #unmet: readonly UnmetLimit[] = [];
  #onDeleted: (segments: readonly SegmentRef[]) => void = () => undefined;
  #onStopped: (cameras: readonly CameraId[]) => void = () => undefined;
  #running: Promise<void> | null = null;
  #closed = false;
  #hurried = false;
  #wake: () => void = () => undefined;

  constructor(doors: RetentionDoors) {
    this.#doors = doors;
    this.#garbage = new Garbage(doors);
    this.#damaged = new DamagedFiles(doors.database);
    this.#ages = new AgeClock(doors.clock, doors.index.newestMs());
  }

  get alarms(): readonly StandingAlarm[] {
    return [...this.#alarms.values()].map(({ alarm }) => alarm);
  }

  /** Cameras that must not be recorded until there is space. */
  get stopped(): readonly CameraId[] {
    return this.#stopped;
  }

  get unmet(): readonly UnmetLimit[] {
    return this.#unmet;
  }

  /** What was last measured of a volume; null before the first time. */
  spaceOf(volumeId: VolumeId): VolumeFacts | null {
    return this.#gauge.last(volumeId);
  }

  /** Who is told what the rules delete; must neither throw nor take time. */
  tellDeleted(listener: (segments: readonly SegmentRef[]) => void): void {
    this.#onDeleted = listener;
  }

  /** Begins; `onStopped` is told the cameras that must not be recorded, whenever they are others than before. */
  start(onStopped: (cameras: readonly CameraId[]) => void): void {
    this.#onStopped = onStopped;
    this.#running ??= this.#run();
  }

  /** Looks at once, because a rule, a policy or a protection has changed. */
  hurry(): void {
    this.#hurried = true;
    this.#wake();
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    await this.#running;
  }

  /** One look and one slice. Gives in how many ms the next is due. */
  async turn(): Promise<number> {
    const { volumes, log } = this.#doors;
    const measured: VolumeFacts[] = [];
    for (const volume of volumes()) {
      if (!canDelete(volume)) continue;
      try {
        // Else it would be the disk below that is measured, and space made for it.
        await volume.verify();
        const facts = await this.#gauge.read(volume, this.#doors.clock.monotonic());
        measured.push({ ...facts, freeBytes: facts.freeBytes + this.#garbage.promised(volume.id) });
      } catch (error) {
        log.warn({ err: error, folder: volume.path }, 'the free space of a media folder is not known');
      }
    }
    const more = this.#delete(measured);
    this.#damaged.condemnBefore(this.#ages.now() - DAMAGED_KEPT_DAYS * DAY_MS);
    const unlinked = await this.#collect(measured);
    this.#doors.holding.sweep(this.#ages.now());
    return more || unlinked ? 0 : this.#gauge.delayMs();
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      let delayMs = RETRY_MS;
      try {
        delayMs = await this.turn();
      } catch (error) {
        this.#doors.log.error({ err: error }, 'retention failed; it is tried again');
      }
      await this.#pause(delayMs);
    }
  }

  async #pause(ms: number): Promise<void> {
    if (!this.#closed && !this.#hurried) await this.#sleep(ms);
    this.#hurried = false;
  }

  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Plans and takes segments out of the index, all in one go, so that nothing changes in between. */
  #delete(volumes: readonly VolumeFacts[]): boolean {
    const { rules, index, clock } = this.#doors;
    // Nearly always there is nothing to do, which the oldest segment of each camera shows.
    const glance = planRetention(rules, this.#facts(volumes, 1), 1);
    const each = Math.max(LEAST_SLICE, Math.ceil((2 * SLICE) / index.totals().length));
    const plan =
      glance.delete.length === 0 ? glance : planRetention(rules, this.#facts(volumes, each), SLICE);
    if (this.#giveUpDamaged(plan)) return true;
    const endMs = clock.monotonic() + SLICE_MS;
    if (plan.delete.length > 0) {
      const gone = index.condemn(plan.delete, () => clock.monotonic() < endMs);
      this.#onDeleted(plan.delete.slice(0, gone.length));
    }
    this.#tell(plan, volumes);
    return plan.more || plan.delete.length > 0;
  }

  /** Damaged files go, one at a time, before footage that the rules guarantee; whether one went. */
  #giveUpDamaged({ alarms }: RetentionPlan): boolean {
    const some = alarms.filter(({ volumeId }) => this.#damaged.total(volumeId).files > 0);
    for (const { volumeId } of some) {
      this.#damaged.condemn(volumeId, 1);
      this.#doors.log.warn({ volumeId }, 'a damaged file that was kept goes, for its room is needed');
    }
    return some.length > 0;
  }

  #facts(volumes: readonly VolumeFacts[], count: number): RetentionFacts {
    const { index, policies, holding } = this.#doors;
    const nowMs = this.#ages.now();
    const purged = holding.due(nowMs);
    const writing = index.writing();
    for (const [camera, volume] of writing) this.#writesTo.set(camera, volume);
    const there = new Set(volumes.map(({ id }) => id).filter((id) => !this.#garbage.refuses(id)));
    const totals = index.totals().filter(({ volumeId }) => there.has(volumeId));
    const writers = new Set([...writing.keys(), ...this.#stopped]);
    const known = new Set([...writers, ...totals.map(({ cameraId }) => cameraId)]);
    return {
      nowMs,
      volumes,
      cameras: [...known].map((cameraId) => ({
        cameraId,
        policy: purged.has(cameraId) ? PURGED_POLICY : policies.get(cameraId),
        writesTo: writers.has(cameraId) ? (this.#writesTo.get(cameraId) ?? null) : null,
      })),
      footage: totals.map((total) => index.facts(total, count)),
      stopped: this.#stopped,
    };
  }

  async #collect(volumes: readonly VolumeFacts[]): Promise<boolean> {
    let some = false;
    for (const volume of this.#doors.volumes()) {
      if (!volumes.some(({ id }) => id === volume.id)) continue;
      try {
        const bytes = await this.#garbage.collect(volume, SLICE);
        this.#gauge.freed(volume.id, bytes);
        some ||= bytes > 0;
      } catch (error) {
        // Room on the others is needed all the same.
        this.#doors.log.warn({ err: error, folder: volume.path }, 'a media folder could not be cleared');
      }
    }
    return some;
  }

  #tell({ alarms, stop, unmet }: RetentionPlan, volumes: readonly VolumeFacts[]): void {
    const { clock, log, rules } = this.#doors;
    const now = clock.monotonic();
    for (const alarm of alarms) {
      const before = this.#alarms.get(alarm.volumeId)?.alarm;
      const standing = { ...alarm, sinceMs: before?.sinceMs ?? clock.now() };
      this.#alarms.set(alarm.volumeId, { alarm: standing, untilMs: now + ALARM_MS });
      if (before === undefined)
        log.error({ ...alarm }, 'space is needed, and the rules leave nothing to delete');
    }
    for (const [volumeId, { untilMs }] of this.#alarms) {
      const space = volumes.find(({ id }) => id === volumeId);
      const roomy = space !== undefined && space.freeBytes >= ROOMY * reserveOf(rules, space.totalBytes);
      if (now < untilMs && !roomy) continue;
      this.#alarms.delete(volumeId);
      log.info({ volumeId }, 'there is space again within the rules');
    }
    this.#unmet = unmet;
    if (stop.length === this.#stopped.length && stop.every((id) => this.#stopped.includes(id))) return;
    const what =
      stop.length > 0
        ? 'cameras that must not be recorded for lack of space'
        : 'there is space again to record every camera';
    log.warn({ stop, before: this.#stopped }, what);
    this.#stopped = stop;
    this.#onStopped(stop);
  }
}
