/** The words of the rules in `retention.ts`: policies, what is known of the footage, what is to be done. No rules. */
import type { CameraId, SegmentId } from './ids.ts';
import type { EpochMs, Interval } from './time.ts';

/** How long the footage of one camera is kept. */
export interface RetentionPolicy {
  /** Footage that ended longer ago goes; null keeps it while there is space. */
  readonly maxAgeMs: number | null;
  /** What exceeds it goes, oldest first; protected footage counts. */
  readonly maxBytes: number | null;
  /** Footage that ended since stays, whatever the limits and the space say. */
  readonly minAgeMs: number | null;
  /** The newest footage of this size stays; protected footage counts. */
  readonly minBytes: number | null;
  /** 1–100. Where the disk can't hold what is guaranteed, cameras of the lowest stop first. */
  readonly priority: number;
}

export const DEFAULT_POLICY: RetentionPolicy = {
  maxAgeMs: null,
  maxBytes: null,
  minAgeMs: null,
  minBytes: null,
  priority: 50,
};

/** Of a deleted camera whose time is over: everything goes that is not protected. */
export const PURGED_POLICY: RetentionPolicy = { ...DEFAULT_POLICY, maxBytes: 0, priority: 1 };

/** Damaged files are kept for so many days after they were found, unless their room is needed and nothing else is left. */
export const DAMAGED_KEPT_DAYS = 90;

/** What happens when space is needed and all that is left is guaranteed. */
export type WhenFull = 'drop-oldest' | 'stop-lowest';

export interface SpaceRules {
  /** To be kept free on each volume; null is a share of the volume. */
  readonly reserveBytes: number | null;
  readonly whenFull: WhenFull;
}

/** Row number of a volume in the index. */
export type VolumeId = number;

/** A segment file as the rules see it. */
export interface SegmentRef extends Interval {
  readonly id: SegmentId;
  readonly cameraId: CameraId;
  readonly volumeId: VolumeId;
  readonly bytes: number;
  /** Locked by somebody: never deleted. */
  readonly protected: boolean;
}

export interface VolumeFacts {
  readonly id: VolumeId;
  readonly totalBytes: number;
  /** What the disk says, and what files that are yet to be unlinked will give. */
  readonly freeBytes: number;
  /** How fast free space shrinks, whoever writes; 0 when it doesn't. */
  readonly fillBytesPerSecond: number;
}

export interface CameraFacts {
  readonly cameraId: CameraId;
  readonly policy: RetentionPolicy;
  /** Where its new footage goes, or would go if it were not stopped; null when it is not to be recorded. */
  readonly writesTo: VolumeId | null;
}

/** What there is of one camera on one volume that can be written to. */
export interface FootageFacts {
  readonly cameraId: CameraId;
  readonly volumeId: VolumeId;
  /** All of it. */
  readonly bytes: number;
  /**
   * Its oldest segments, in the order of their starts. Long stretches of protected ones may be left out; there has to
   * be one that is not protected, if there is any.
   */
  readonly oldest: readonly SegmentRef[];
  /** Whether there are newer ones than those. */
  readonly more: boolean;
}

export interface RetentionFacts {
  readonly nowMs: EpochMs;
  readonly volumes: readonly VolumeFacts[];
  /** Footage of a camera that is not among them has the default policy. */
  readonly cameras: readonly CameraFacts[];
  readonly footage: readonly FootageFacts[];
  /** The cameras that the last plan told to stop. */
  readonly stopped: readonly CameraId[];
}

/** Space is needed, and the rules leave nothing to delete. */
export interface SpaceAlarm {
  readonly kind: 'space';
  readonly volumeId: VolumeId;
  /** What is missing once all is deleted that the rules let go. */
  readonly needBytes: number;
  /** What is left: footage within the guaranteed minimum, or none that is not protected. */
  readonly left: 'guaranteed' | 'protected';
}

/** A limit of a camera that can't be kept. */
export interface UnmetLimit {
  readonly cameraId: CameraId;
  readonly limit: 'age' | 'bytes';
  /** What stands against it. */
  readonly because: 'minimum' | 'protected';
}

export interface RetentionPlan {
  /** Oldest first. */
  readonly delete: readonly SegmentRef[];
  /** Whether there is more to delete than one plan may hold. */
  readonly more: boolean;
  /** At most one for each volume. */
  readonly alarms: readonly SpaceAlarm[];
  /** The cameras that must not write until a plan no longer names them. */
  readonly stop: readonly CameraId[];
  readonly unmet: readonly UnmetLimit[];
}
