/**
 * What is deleted, when and why. An archive has millions of segments, so the rules see the oldest few of each camera on
 * each volume, and totals; a plan is small, and the next one goes on from there. Pure.
 *
 * What is protected always stays. What exceeds a limit goes first, then, where space is needed, what is oldest on that
 * volume. What is guaranteed stays, unless it was chosen that the oldest of it goes when nothing else is left.
 */
import type { CameraId } from './ids.ts';
import { reserveOf } from './retentionPolicy.ts';
import type {
  FootageFacts,
  RetentionFacts,
  RetentionPlan,
  RetentionPolicy,
  SegmentRef,
  SpaceAlarm,
  SpaceRules,
  UnmetLimit,
  VolumeFacts,
  VolumeId,
} from './retentionWords.ts';
import { DEFAULT_POLICY } from './retentionWords.ts';

export * from './retentionPolicy.ts';
export * from './retentionWords.ts';

/** Space is made for what will be written in this time, but never more than a share of the volume. */
const LEAD_SECONDS = 10;
const LEAD_SHARE = 0.05;
/** Cameras that were stopped record again when this much of the reserve is free: not for a moment only. */
const RESUME_SHARE = 1.25;

/**
 * What to delete now, which alarms to raise and which cameras to stop.
 * @param most segments to delete in this plan
 */
export function planRetention(rules: SpaceRules, facts: RetentionFacts, most: number): RetentionPlan {
  const draft = new Draft(facts, most);
  const alarms: SpaceAlarm[] = [];
  const stop: CameraId[] = [];
  const spaces = facts.volumes.map((volume) => new Space(volume, rules, facts, draft));
  for (const space of spaces.sort((a, b) => a.share - b.share)) {
    const alarm = space.make();
    if (alarm !== null) alarms.push(alarm);
    stop.push(...space.toStop(alarm));
  }
  const settled = draft.take(draft.all, (segment) => draft.isAllowed(segment) && draft.isOver(segment));
  return {
    delete: draft.taken.sort(byAge),
    more: draft.unfinished,
    alarms,
    stop,
    unmet: settled ? draft.unmet() : [],
  };
}

/** How far the oldest segments of a camera on a volume have been looked at. */
interface Cursor {
  readonly footage: FootageFacts;
  next: number;
}

/** A plan in the making: what is taken, and what that leaves. */
class Draft {
  readonly taken: SegmentRef[] = [];
  readonly all: readonly Cursor[];
  /** The plan is full, or what comes next is not known. */
  unfinished = false;
  readonly #nowMs: number;
  readonly #most: number;
  readonly #policies: ReadonlyMap<CameraId, RetentionPolicy>;
  readonly #left = new Map<CameraId, number>();
  readonly #freed = new Map<VolumeId, number>();

  constructor({ nowMs, cameras, footage }: RetentionFacts, most: number) {
    this.#nowMs = nowMs;
    this.#most = most;
    this.#policies = new Map(cameras.map(({ cameraId, policy }) => [cameraId, policy]));
    this.all = footage.map((each) => ({ footage: each, next: 0 }));
    for (const { cameraId, bytes } of footage) this.#left.set(cameraId, this.leftOf(cameraId) + bytes);
  }

  on(volumeId: VolumeId): readonly Cursor[] {
    return this.all.filter(({ footage }) => footage.volumeId === volumeId);
  }

  policyOf(cameraId: CameraId): RetentionPolicy {
    return this.#policies.get(cameraId) ?? DEFAULT_POLICY;
  }

  freedOf(volumeId: VolumeId): number {
    return this.#freed.get(volumeId) ?? 0;
  }

  leftOf(cameraId: CameraId): number {
    return this.#left.get(cameraId) ?? 0;
  }

  /** Whether a limit asks for it to go. */
  isOver({ cameraId, endMs }: SegmentRef): boolean {
    const { maxAgeMs, maxBytes } = this.policyOf(cameraId);
    return (
      (maxAgeMs !== null && endMs <= this.#nowMs - maxAgeMs) ||
      (maxBytes !== null && this.leftOf(cameraId) > maxBytes)
    );
  }

  /** Whether it may go without breaking a guarantee. */
  isAllowed({ cameraId, endMs, bytes }: SegmentRef): boolean {
    const { minAgeMs, minBytes } = this.policyOf(cameraId);
    return (
      (minAgeMs === null || endMs <= this.#nowMs - minAgeMs) &&
      (minBytes === null || this.leftOf(cameraId) - bytes >= minBytes)
    );
  }

  /**
   * Takes what may go, oldest first, until it is enough. Of each camera nothing is taken behind a segment that may not.
   * Gives false when the plan is unfinished: there may be more.
   */
  take(
    cursors: readonly Cursor[],
    mayGo: (segment: SegmentRef) => boolean,
    isEnough: () => boolean = () => false,
  ): boolean {
    while (!isEnough()) {
      if (cursors.some((cursor) => head(cursor) === null && cursor.footage.more)) return this.#interrupt();
      const [oldest] = oldestOfCameras(cursors).filter(({ segment }) => mayGo(segment));
      if (oldest === undefined) return true;
      if (this.taken.length >= this.#most) return this.#interrupt();
      this.#take(oldest.cursor, oldest.segment);
    }
    return true;
  }

  /** The limits that what is left exceeds; to be asked when all is taken that may be. */
  unmet(): readonly UnmetLimit[] {
    return [...this.#left.keys()].flatMap((cameraId) => {
      const { maxAgeMs, maxBytes } = this.policyOf(cameraId);
      const kept = this.all.flatMap((cursor) => heads(cursor, (segment) => segment.cameraId === cameraId));
      const tooOld = kept.some(({ segment }) => maxAgeMs !== null && segment.endMs <= this.#nowMs - maxAgeMs);
      const tooMuch = maxBytes !== null && this.leftOf(cameraId) > maxBytes;
      const because = kept.length > 0 ? ('minimum' as const) : ('protected' as const);
      return [
        ...(tooOld ? [{ cameraId, limit: 'age' as const, because }] : []),
        ...(tooMuch ? [{ cameraId, limit: 'bytes' as const, because }] : []),
      ];
    });
  }

  #take(cursor: Cursor, segment: SegmentRef): void {
    cursor.next++;
    this.taken.push(segment);
    this.#left.set(segment.cameraId, this.leftOf(segment.cameraId) - segment.bytes);
    this.#freed.set(segment.volumeId, this.freedOf(segment.volumeId) + segment.bytes);
  }

  #interrupt(): false {
    this.unfinished = true;
    return false;
  }
}

/** The space on one volume: what is needed, and what gives it. */
class Space {
  /** The free part of the volume: the fullest comes first. */
  readonly share: number;
  readonly #volume: VolumeFacts;
  readonly #rules: SpaceRules;
  readonly #draft: Draft;
  readonly #reserve: number;
  readonly #target: number;
  /** Who writes to it, the first to be stopped first, and who is stopped already. */
  readonly #writers: readonly CameraId[];
  readonly #stopped: readonly CameraId[];

  constructor(volume: VolumeFacts, rules: SpaceRules, facts: RetentionFacts, draft: Draft) {
    const { totalBytes, freeBytes, fillBytesPerSecond } = volume;
    this.share = freeBytes / totalBytes;
    this.#volume = volume;
    this.#rules = rules;
    this.#draft = draft;
    this.#reserve = reserveOf(rules, totalBytes);
    this.#writers = facts.cameras
      .filter(({ writesTo }) => writesTo === volume.id)
      .sort((a, b) => a.policy.priority - b.policy.priority || (a.cameraId < b.cameraId ? -1 : 1))
      .map(({ cameraId }) => cameraId);
    this.#stopped = this.#writers.filter((cameraId) => facts.stopped.includes(cameraId));
    const lead = Math.min(fillBytesPerSecond * LEAD_SECONDS, totalBytes * LEAD_SHARE);
    const resume = this.#stopped.length > 0 ? this.#reserve * (RESUME_SHARE - 1) : 0;
    this.#target = this.#reserve + Math.max(lead, resume);
  }

  get #free(): number {
    return this.#volume.freeBytes + this.#draft.freedOf(this.#volume.id);
  }

  /** Takes what is needed; null when the rules have it, or will have it in the next plan. */
  make(): SpaceAlarm | null {
    const draft = this.#draft;
    const cursors = draft.on(this.#volume.id);
    const isEnough = (): boolean => this.#free >= this.#target;
    const allowed = (segment: SegmentRef): boolean => draft.isAllowed(segment);
    const over = (segment: SegmentRef): boolean => allowed(segment) && draft.isOver(segment);
    if (!draft.take(cursors, over, isEnough) || !draft.take(cursors, allowed, isEnough)) return null;
    if (isEnough()) return null;
    const needBytes = Math.ceil(this.#target - this.#free);
    const left = cursors.some((cursor) => head(cursor) !== null) ? 'guaranteed' : 'protected';
    if (this.#rules.whenFull === 'drop-oldest') draft.take(cursors, () => true, isEnough);
    return { kind: 'space', volumeId: this.#volume.id, needBytes, left };
  }

  /**
   * The cameras that must not write: one after another as the reserve is used up, by priority, so that the last one
   * still has its part of it. It is also the last resort where only protected footage is left.
   */
  toStop(alarm: SpaceAlarm | null): readonly CameraId[] {
    if (this.#free >= this.#target) return [];
    const count = this.#writers.length;
    const mayStop = alarm !== null && (this.#rules.whenFull === 'stop-lowest' || alarm.left === 'protected');
    const due = (index: number): boolean => mayStop && this.#free < (this.#reserve * (count - index)) / count;
    return this.#writers.filter((cameraId, index) => this.#stopped.includes(cameraId) || due(index));
  }
}

/** The oldest segment that is neither taken nor protected; null when there is none among those that are known. */
function head(cursor: Cursor): SegmentRef | null {
  const { oldest } = cursor.footage;
  while (oldest[cursor.next]?.protected === true) cursor.next++;
  return oldest[cursor.next] ?? null;
}

function heads(
  cursor: Cursor,
  mayGo: (segment: SegmentRef) => boolean,
): readonly { readonly cursor: Cursor; readonly segment: SegmentRef }[] {
  const segment = head(cursor);
  return segment !== null && mayGo(segment) ? [{ cursor, segment }] : [];
}

/** The oldest segment of each camera, on whichever volume it is; the oldest of all first. */
function oldestOfCameras(cursors: readonly Cursor[]) {
  const sorted = cursors
    .flatMap((cursor) => heads(cursor, () => true))
    .sort((a, b) => byAge(a.segment, b.segment));
  const seen = new Set<CameraId>();
  return sorted.filter(({ segment: { cameraId } }) => !seen.has(cameraId) && seen.add(cameraId));
}

function byAge(a: SegmentRef, b: SegmentRef): number {
  return a.startMs - b.startMs || a.id - b.id;
}
