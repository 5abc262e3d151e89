import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CameraId, cameraId, segmentId } from '../../src/domain/ids.ts';
import {
  DEFAULT_POLICY,
  type FootageFacts,
  planRetention,
  type RetentionFacts,
  type RetentionPlan,
  type RetentionPolicy,
  reserveOf,
  type SegmentRef,
  type SpaceRules,
  type VolumeFacts,
  validatePolicy,
  validateSpaceRules,
} from '../../src/domain/retention.ts';
import { epochMs } from '../../src/domain/time.ts';

const MB = 2 ** 20;
const GB = 2 ** 30;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = epochMs(Date.UTC(2024, 5, 1));
const A = cameraId('a');
const B = cameraId('b');
const C = cameraId('c');

const policy = (part: Partial<RetentionPolicy>): RetentionPolicy => ({ ...DEFAULT_POLICY, ...part });

/** An archive as it is on the disk; plans are carried out on it. */
interface Archive {
  readonly rules: SpaceRules;
  readonly volumes: VolumeFacts[];
  readonly policies: ReadonlyMap<CameraId, RetentionPolicy>;
  readonly segments: SegmentRef[];
  stopped: readonly CameraId[];
}

/** What the rules are told, with so many of the oldest segments that are not protected. */
function factsOf(archive: Archive, slice: number): RetentionFacts {
  const places = new Map<string, SegmentRef[]>();
  for (const segment of archive.segments) {
    const place = `${segment.cameraId} ${segment.volumeId}`;
    places.set(place, [...(places.get(place) ?? []), segment]);
  }
  const footage = [...places.values()].map((all): FootageFacts => {
    const sorted = all.toSorted((a, b) => a.startMs - b.startMs);
    const free = sorted.filter((segment) => !segment.protected);
    const last = free[slice - 1];
    const count = last === undefined ? sorted.length : sorted.indexOf(last) + 1;
    const { cameraId, volumeId } = sorted[0] ?? { cameraId: A, volumeId: 1 };
    const bytes = sizeOf(sorted);
    return { cameraId, volumeId, bytes, oldest: sorted.slice(0, count), more: count < sorted.length };
  });
  const cameras = [...archive.policies].map(([cameraId, policy]) => ({ cameraId, policy, writesTo: 1 }));
  return { nowMs: NOW, volumes: archive.volumes, cameras, footage, stopped: archive.stopped };
}

function carryOut(archive: Archive, plan: RetentionPlan): void {
  for (const segment of plan.delete) {
    archive.segments.splice(archive.segments.indexOf(segment), 1);
    const index = archive.volumes.findIndex(({ id }) => id === segment.volumeId);
    const volume = archive.volumes[index];
    if (volume) archive.volumes[index] = { ...volume, freeBytes: volume.freeBytes + segment.bytes };
  }
  archive.stopped = plan.stop;
}

/** Plans until nothing is left to do; gives every plan. */
function settle(archive: Archive, most: number, slice = most): RetentionPlan[] {
  const plans: RetentionPlan[] = [];
  const limit = archive.segments.length + 5;
  for (let last = 1; last > 0; last = plans.at(-1)?.delete.length ?? 0) {
    const plan = planRetention(archive.rules, factsOf(archive, slice), most);
    carryOut(archive, plan);
    plans.push(plan);
    expect(plans.length).toBeLessThanOrEqual(limit);
  }
  return plans;
}

const sizeOf = (segments: readonly SegmentRef[]): number =>
  segments.reduce((sum, { bytes }) => sum + bytes, 0);
const copyOf = (archive: Archive): Archive => ({
  ...archive,
  volumes: [...archive.volumes],
  segments: [...archive.segments],
});

/** Segments of a minute and `bytes` each, the oldest `hours` old, named by their ids from `firstId`. */
function history(
  camera: CameraId,
  firstId: number,
  count: number,
  hours: number,
  bytes = 10 * MB,
): SegmentRef[] {
  return Array.from({ length: count }, (_, i) => {
    const startMs = epochMs(NOW - hours * HOUR + i * MINUTE);
    const endMs = epochMs(startMs + MINUTE);
    return {
      id: segmentId(firstId + i),
      cameraId: camera,
      volumeId: 1,
      startMs,
      endMs,
      bytes,
      protected: false,
    };
  });
}

function archiveOf(
  segments: readonly SegmentRef[],
  policies: readonly (readonly [CameraId, Partial<RetentionPolicy>])[],
  freeBytes: number,
  rules: Partial<SpaceRules> = {},
): Archive {
  return {
    rules: { reserveBytes: 100 * MB, whenFull: 'stop-lowest', ...rules },
    volumes: [{ id: 1, totalBytes: 10 * GB, freeBytes, fillBytesPerSecond: 0 }],
    policies: new Map(policies.map(([camera, part]) => [camera, policy(part)])),
    segments: [...segments],
    stopped: [],
  };
}

const planOf = (archive: Archive, most = 50): RetentionPlan =>
  planRetention(archive.rules, factsOf(archive, most), most);
const idsOf = (plan: RetentionPlan): number[] => plan.delete.map(({ id }) => id);
const QUIET = { delete: [], more: false, alarms: [], stop: [], unmet: [] };

describe('limits', () => {
  it('leave footage alone while there is space', () => {
    expect(planOf(archiveOf(history(A, 1, 100, 999), [[A, {}]], GB))).toEqual(QUIET);
  });

  it('let go what is too old, from the moment it is', () => {
    const archive = archiveOf(history(A, 1, 10, 1), [[A, { maxAgeMs: 57 * MINUTE }]], GB);
    expect(planOf(archive)).toEqual({ ...QUIET, delete: archive.segments.slice(0, 3) });
  });

  it('let go the oldest of what is too much', () => {
    const archive = archiveOf(history(A, 1, 10, 1), [[A, { maxBytes: 75 * MB }]], GB);
    expect(idsOf(planOf(archive))).toEqual([1, 2, 3]);
  });

  it('hold for each camera by itself', () => {
    const segments = [...history(A, 1, 5, 2), ...history(B, 11, 5, 2)];
    const archive = archiveOf(
      segments,
      [
        [A, { maxAgeMs: HOUR }],
        [B, {}],
      ],
      GB,
    );
    expect(idsOf(planOf(archive))).toEqual([1, 2, 3, 4, 5]);
  });

  it('give way to what is guaranteed, and it is said which and why', () => {
    const limits = { maxAgeMs: HOUR, minBytes: 45 * MB };
    const archive = archiveOf(history(A, 1, 10, 2), [[A, limits]], GB);
    const plan = planOf(archive);
    expect(idsOf(plan)).toEqual([1, 2, 3, 4, 5]);
    expect(plan.unmet).toEqual([{ cameraId: A, limit: 'age', because: 'minimum' }]);
    const young = archiveOf(history(A, 1, 10, 1), [[A, { maxBytes: 50 * MB, minAgeMs: 57 * MINUTE }]], GB);
    expect(idsOf(planOf(young))).toEqual([1, 2, 3]);
    expect(planOf(young).unmet).toEqual([{ cameraId: A, limit: 'bytes', because: 'minimum' }]);
  });

  it('pass over what is protected, and count it', () => {
    const segments = history(A, 1, 10, 2).map((each) => ({ ...each, protected: each.id <= 4 }));
    const archive = archiveOf(segments, [[A, { maxBytes: 50 * MB }]], GB);
    expect(idsOf(planOf(archive))).toEqual([5, 6, 7, 8, 9]);
    const less = archiveOf(segments, [[A, { maxBytes: 30 * MB }]], GB);
    expect(idsOf(planOf(less))).toEqual([5, 6, 7, 8, 9, 10]);
    expect(planOf(less).unmet).toEqual([{ cameraId: A, limit: 'bytes', because: 'protected' }]);
  });

  it('do not delete what a wrong clock makes look young', () => {
    const ahead = history(A, 1, 5, -48);
    expect(planOf(archiveOf(ahead, [[A, { maxAgeMs: HOUR }]], GB))).toEqual(QUIET);
  });
});

describe('space', () => {
  it('is made of the oldest of all cameras, no more than is needed', () => {
    const segments = [...history(A, 1, 10, 3), ...history(B, 11, 10, 2.95), ...history(C, 21, 10, 1)];
    const archive = archiveOf(
      segments,
      [
        [A, {}],
        [B, {}],
        [C, {}],
      ],
      55 * MB,
    );
    // 45 MB are missing: minutes 180–178 of A, then both cameras' 177 and so on, the older first.
    expect(idsOf(planOf(archive))).toEqual([1, 2, 3, 4, 11]);
  });

  it('is made of what exceeds a limit before anything older that does not', () => {
    const segments = [...history(A, 1, 10, 30), ...history(B, 11, 3, 2)];
    const archive = archiveOf(
      segments,
      [
        [A, {}],
        [B, { maxAgeMs: HOUR }],
      ],
      65 * MB,
    );
    expect(idsOf(planOf(archive))).toEqual([1, 11, 12, 13]);
  });

  it('is made for what is about to be written', () => {
    const archive = archiveOf(history(A, 1, 30, 3), [[A, {}]], 100 * MB);
    const [volume] = archive.volumes;
    if (volume) archive.volumes[0] = { ...volume, fillBytesPerSecond: 5 * MB };
    expect(planOf(archive).delete).toHaveLength(5);
    // A twentieth of the volume is the most.
    if (volume) archive.volumes[0] = { ...volume, totalBytes: GB, fillBytesPerSecond: 100 * MB };
    expect(planOf(archive).delete).toHaveLength(6);
  });

  it('is made on the volume that lacks it, of footage of cameras without a policy too', () => {
    const elsewhere = history(A, 1, 10, 9).map((each) => ({ ...each, volumeId: 2 }));
    const archive = archiveOf([...elsewhere, ...history(B, 11, 10, 1)], [], 85 * MB);
    archive.volumes.push({ id: 2, totalBytes: GB, freeBytes: GB / 2, fillBytesPerSecond: 0 });
    expect(idsOf(planOf(archive))).toEqual([11, 12]);
  });

  it('is made first where it is shortest, when a plan can hold no more', () => {
    const elsewhere = history(A, 1, 10, 9).map((each) => ({ ...each, volumeId: 2 }));
    const archive = archiveOf([...elsewhere, ...history(B, 11, 10, 1)], [[A, { maxAgeMs: HOUR }]], 85 * MB);
    archive.volumes.push({ id: 2, totalBytes: GB, freeBytes: GB / 2, fillBytesPerSecond: 0 });
    expect(planOf(archive, 2)).toMatchObject({ more: true, alarms: [] });
    expect(idsOf(planOf(archive, 2))).toEqual([11, 12]);
  });

  it('is no alarm while only this plan is too small', () => {
    const archive = archiveOf(history(A, 1, 30, 3), [[A, {}]], 0);
    expect(planOf(archive, 3)).toMatchObject({ more: true, alarms: [], stop: [] });
    expect(settle(archive, 3).every(({ alarms }) => alarms.length === 0)).toBe(true);
    expect(archive.segments).toHaveLength(20);
  });
});

describe('where the rules leave nothing to delete', () => {
  const guaranteed = { minAgeMs: 24 * HOUR };

  it('an alarm says what is missing, and the oldest goes if that was chosen', () => {
    const archive = archiveOf(history(A, 1, 10, 3), [[A, guaranteed]], 75 * MB, { whenFull: 'drop-oldest' });
    const plan = planOf(archive);
    expect(plan.alarms).toEqual([{ kind: 'space', volumeId: 1, needBytes: 25 * MB, left: 'guaranteed' }]);
    expect(idsOf(plan)).toEqual([1, 2, 3]);
    expect(plan.stop).toEqual([]);
  });

  it('cameras stop instead, if that was chosen, one after another as the reserve is used up', () => {
    const policies = [
      [A, { ...guaranteed, priority: 90 }],
      [B, { ...guaranteed, priority: 10 }],
      [C, { ...guaranteed, priority: 50 }],
    ] as const;
    const stopAt = (freeBytes: number) => planOf(archiveOf(history(A, 1, 10, 3), policies, freeBytes)).stop;
    expect(stopAt(100 * MB)).toEqual([]);
    expect(stopAt(99 * MB)).toEqual([B]);
    expect(stopAt(66 * MB)).toEqual([B, C]);
    expect(stopAt(33 * MB)).toEqual([B, C, A]);
    expect(stopAt(0)).toEqual([B, C, A]);
  });

  it('cameras that were stopped go on when there is space for a while, made as soon as the rules let footage go', () => {
    const archive = archiveOf(
      history(A, 1, 10, 3),
      [
        [A, guaranteed],
        [B, guaranteed],
      ],
      90 * MB,
    );
    settle(archive, 50);
    expect(archive.stopped).toEqual([A]);
    const next = (freeBytes: number, policies = archive.policies): RetentionPlan => {
      const volumes = archive.volumes.map((volume) => ({ ...volume, freeBytes }));
      return planOf({ ...archive, volumes, policies });
    };
    expect(next(124 * MB).stop).toEqual([A]);
    expect(next(125 * MB).stop).toEqual([]);
    const loose = new Map([...archive.policies.keys()].map((camera) => [camera, DEFAULT_POLICY]));
    expect(next(95 * MB, loose)).toMatchObject({ stop: [], alarms: [] });
    expect(next(95 * MB, loose).delete).toHaveLength(3);
  });

  it('what is protected stays, whatever was chosen: then all that is left is to stop', () => {
    const locked = history(A, 1, 10, 3).map((each) => ({ ...each, protected: true }));
    const archive = archiveOf(locked, [[A, {}]], 30 * MB, { whenFull: 'drop-oldest' });
    expect(planOf(archive)).toEqual({
      ...QUIET,
      alarms: [{ kind: 'space', volumeId: 1, needBytes: 70 * MB, left: 'protected' }],
      stop: [A],
    });
  });

  it('an archive without footage says so as well', () => {
    expect(planOf(archiveOf([], [[A, {}]], 60 * MB)).alarms).toHaveLength(1);
  });
});

/** What does not contradict the limit. */
const atMost = (value: number | null, limit: number | null) =>
  value === null || limit === null ? value : Math.min(value, limit);

const anyPolicy = fc
  .record({
    maxAgeMs: fc.option(fc.integer({ min: 1, max: 90 }).map((minutes) => minutes * MINUTE)),
    maxBytes: fc.option(fc.integer({ min: MB, max: 300 * MB })),
    minAgeMs: fc.option(fc.integer({ min: 1, max: 90 }).map((minutes) => minutes * MINUTE)),
    minBytes: fc.option(fc.integer({ min: MB, max: 300 * MB })),
    priority: fc.integer({ min: 1, max: 100 }),
  })
  .map(({ minAgeMs, minBytes, ...rest }) => ({
    ...rest,
    minAgeMs: atMost(minAgeMs, rest.maxAgeMs),
    minBytes: atMost(minBytes, rest.maxBytes),
  }));

const anySegment = fc.record({
  cameraId: fc.constantFrom(A, B, C),
  volumeId: fc.constantFrom(1, 1, 2),
  seconds: fc.integer({ min: 1, max: 180 }),
  bytes: fc.integer({ min: 1, max: 20 * MB }),
  protected: fc.integer({ min: 0, max: 5 }).map((die) => die === 0),
});

/** Each camera's segments follow on each other; the newest ends now. */
function lay(
  rows: readonly (Omit<SegmentRef, 'id' | 'startMs' | 'endMs'> & { seconds: number })[],
): SegmentRef[] {
  const ends = new Map<CameraId, number>();
  return rows.map(({ seconds, ...row }, index) => {
    const endMs = ends.get(row.cameraId) ?? NOW;
    ends.set(row.cameraId, endMs - seconds * 1000);
    return {
      ...row,
      id: segmentId(index + 1),
      startMs: epochMs(endMs - seconds * 1000),
      endMs: epochMs(endMs),
    };
  });
}

const anyArchive = fc
  .record({
    rows: fc.array(anySegment, { maxLength: 80 }),
    policies: fc.tuple(anyPolicy, anyPolicy, anyPolicy),
    whenFull: fc.constantFrom('drop-oldest' as const, 'stop-lowest' as const),
    free: fc.array(fc.integer({ min: 0, max: 400 * MB }), { minLength: 2, maxLength: 2 }),
    fill: fc.integer({ min: 0, max: 10 * MB }),
  })
  .map(
    ({ rows, policies, whenFull, free, fill }): Archive => ({
      rules: { reserveBytes: 100 * MB, whenFull },
      volumes: free.map((freeBytes, i) => ({
        id: i + 1,
        totalBytes: GB,
        freeBytes,
        fillBytesPerSecond: fill,
      })),
      policies: new Map([A, B, C].map((camera, i) => [camera, policies[i] ?? DEFAULT_POLICY])),
      segments: lay(rows),
      stopped: [],
    }),
  );
const anySlice = fc.integer({ min: 1, max: 20 });

/** Whether a camera's guarantee still holds without a segment, told from everything that is left. */
function breaksGuarantee(archive: Archive, gone: SegmentRef): boolean {
  const { minAgeMs = null, minBytes = null } = archive.policies.get(gone.cameraId) ?? {};
  const left = sizeOf(archive.segments.filter(({ cameraId }) => cameraId === gone.cameraId));
  return (
    (minAgeMs !== null && gone.endMs > NOW - minAgeMs) || (minBytes !== null && left - gone.bytes < minBytes)
  );
}

/** Segments that begin together go in the order of their ids. */
function byAge(a: SegmentRef, b: SegmentRef): number {
  return a.startMs - b.startMs || a.id - b.id;
}

/** The same rules without slices, for one camera with space enough: what is left of it. */
function withinLimits(segments: readonly SegmentRef[], limits: RetentionPolicy): SegmentRef[] {
  const left = segments.toSorted(byAge);
  for (const segment of left.filter((each) => !each.protected)) {
    const over =
      segment.endMs <= NOW - (limits.maxAgeMs ?? Number.POSITIVE_INFINITY) ||
      sizeOf(left) > (limits.maxBytes ?? Number.POSITIVE_INFINITY);
    const guaranteed =
      segment.endMs > NOW - (limits.minAgeMs ?? 0) || sizeOf(left) - segment.bytes < (limits.minBytes ?? 0);
    if (!over || guaranteed) break;
    left.splice(left.indexOf(segment), 1);
  }
  return left;
}

describe('in any archive', () => {
  it('a plan is small, in order of age, names nothing twice and nothing protected', () => {
    fc.assert(
      fc.property(anyArchive, anySlice, (archive, most) => {
        for (const plan of settle(archive, most)) {
          expect(plan.delete.length).toBeLessThanOrEqual(most);
          expect(plan.delete).toEqual(plan.delete.toSorted(byAge));
          expect(new Set(idsOf(plan)).size).toBe(plan.delete.length);
          expect(plan.delete.some((segment) => segment.protected)).toBe(false);
        }
      }),
    );
  });

  it('nothing guaranteed goes, but with an alarm where that was chosen', () => {
    fc.assert(
      fc.property(anyArchive, anySlice, (archive, most) => {
        for (;;) {
          const plan = planOf(archive, most);
          const chosen = plan.alarms.length > 0 && archive.rules.whenFull === 'drop-oldest';
          for (const segment of plan.delete) {
            if (!chosen) expect(breaksGuarantee(archive, segment)).toBe(false);
            carryOut(archive, { ...plan, delete: [segment] });
          }
          if (plan.delete.length === 0) return;
        }
      }),
    );
  });

  it('of each camera the oldest goes first, on each volume', () => {
    fc.assert(
      fc.property(anyArchive, anySlice, (archive, most) => {
        for (const plan of settle(copyOf(archive), most)) {
          for (const gone of plan.delete) {
            const before = archive.segments.filter(
              ({ cameraId, volumeId, startMs, ...each }) =>
                cameraId === gone.cameraId &&
                volumeId === gone.volumeId &&
                startMs < gone.startMs &&
                !each.protected,
            );
            const planned = new Set(plan.delete);
            expect(before.every((segment) => planned.has(segment))).toBe(true);
          }
          carryOut(archive, plan);
        }
      }),
    );
  });

  it('cameras end up within their limits where that is possible, and it is said where it is not', () => {
    fc.assert(
      fc.property(anyArchive, anySlice, (given, most) => {
        const archive = copyOf({
          ...given,
          volumes: given.volumes.map((each) => ({ ...each, freeBytes: GB })),
        });
        const expected = new Map(
          [...archive.policies].map(([camera, limits]) => {
            const own = archive.segments.filter(({ cameraId }) => cameraId === camera);
            return [camera, withinLimits(own, limits)];
          }),
        );
        const last = settle(archive, most).at(-1);
        for (const [camera, left] of expected) {
          const own = archive.segments.filter(({ cameraId }) => cameraId === camera);
          expect(own.toSorted(byAge)).toEqual(left);
          const { maxAgeMs, maxBytes } = archive.policies.get(camera) ?? DEFAULT_POLICY;
          const old = left.some(
            (each) => !each.protected && each.endMs <= NOW - (maxAgeMs ?? Number.POSITIVE_INFINITY),
          );
          const much = sizeOf(left) > (maxBytes ?? Number.POSITIVE_INFINITY);
          const said = last?.unmet.filter(({ cameraId }) => cameraId === camera).map(({ limit }) => limit);
          expect(said).toEqual([...(old ? ['age'] : []), ...(much ? ['bytes'] : [])]);
        }
      }),
    );
  });

  it('there is space in the end, or an alarm and nothing left that may go', () => {
    fc.assert(
      fc.property(anyArchive, anySlice, (archive, most) => {
        const last = settle(archive, most).at(-1);
        for (const { id, freeBytes } of archive.volumes) {
          const left = archive.segments.filter((each) => each.volumeId === id && !each.protected);
          const alarm = last?.alarms.find(({ volumeId }) => volumeId === id);
          if (alarm === undefined) {
            expect(freeBytes).toBeGreaterThanOrEqual(100 * MB);
            continue;
          }
          expect(alarm.needBytes).toBeGreaterThan(0);
          expect(alarm.left).toBe(left.length > 0 ? 'guaranteed' : 'protected');
          if (archive.rules.whenFull === 'drop-oldest') expect(left).toEqual([]);
          for (const camera of [A, B, C]) {
            const [oldest] = left
              .filter(({ cameraId }) => cameraId === camera)
              .toSorted((a, b) => a.startMs - b.startMs);
            if (oldest) expect(breaksGuarantee(archive, oldest)).toBe(true);
          }
        }
      }),
    );
  });

  it('no more goes than space needs, where nothing is limited', () => {
    fc.assert(
      fc.property(anyArchive, anySlice, (archive, most) => {
        const free = copyOf({ ...archive, policies: new Map() });
        settle(free, most);
        const kept = new Set(free.segments);
        for (const { id, freeBytes, fillBytesPerSecond } of free.volumes) {
          const gone = archive.segments
            .filter((each) => each.volumeId === id && !kept.has(each))
            .toSorted((a, b) => b.startMs - a.startMs || b.id - a.id);
          const target = 100 * MB + Math.min(10 * fillBytesPerSecond, GB / 20);
          if (gone[0]) expect(freeBytes - gone[0].bytes).toBeLessThan(target);
        }
      }),
    );
  });

  it('the end is the same in steps of any size, and stays', () => {
    fc.assert(
      fc.property(anyArchive, anySlice, anySlice, (given, most, slice) => {
        const one = copyOf({
          ...given,
          volumes: given.volumes.slice(0, 1),
          segments: given.segments.map((each) => ({ ...each, volumeId: 1 })),
        });
        const two = copyOf(one);
        settle(one, most, slice);
        settle(two, 1000);
        expect(one.segments).toEqual(two.segments);
        const [again] = settle(one, 1000);
        expect(again?.delete).toEqual([]);
        expect(again?.more).toBe(false);
      }),
    );
  });
});

describe('reserveOf', () => {
  const of = (reserveBytes: number | null, totalBytes: number) =>
    reserveOf({ reserveBytes, whenFull: 'stop-lowest' }, totalBytes);

  it.each([
    ['what was chosen', 5 * GB, 100 * GB, 5 * GB],
    ['half the volume at most', 5 * GB, 8 * GB, 4 * GB],
    ['a twentieth when nothing was', null, 100 * GB, 5 * GB],
    ['20 GiB at most', null, 8_000 * GB, 20 * GB],
    ['64 MiB at least', null, GB, 64 * MB],
    ['half of a very small volume', null, 100 * MB, 50 * MB],
  ])('is %s', (_, chosen, total, expected) => {
    expect(of(chosen, total)).toBe(expected);
  });
});

describe('validatePolicy', () => {
  it.each<[string, Partial<RetentionPolicy>, string]>([
    ['no age', { maxAgeMs: 0 }, 'retention.maxAgeMs'],
    ['a negative age', { minAgeMs: -HOUR }, 'retention.minAgeMs'],
    ['a century and more', { maxAgeMs: 101 * 366 * 24 * HOUR }, 'retention.maxAgeMs'],
    ['half a millisecond', { maxAgeMs: HOUR + 0.5 }, 'retention.maxAgeMs'],
    ['what is no number', { minAgeMs: Number.NaN }, 'retention.minAgeMs'],
    ['no size', { maxBytes: 0 }, 'retention.maxBytes'],
    ['a negative size', { minBytes: -GB }, 'retention.minBytes'],
    ['a size for one frame', { maxBytes: MB - 1 }, 'retention.maxBytes'],
    ['a size beyond all disks', { minBytes: 2e15 }, 'retention.minBytes'],
    ['infinity', { maxBytes: Number.POSITIVE_INFINITY }, 'retention.maxBytes'],
    ['priority 0', { priority: 0 }, 'retention.priority'],
    ['priority 101', { priority: 101 }, 'retention.priority'],
    ['more age guaranteed than allowed', { maxAgeMs: HOUR, minAgeMs: HOUR + 1 }, 'retention.minAgeMs'],
    ['more guaranteed than allowed', { maxBytes: GB, minBytes: GB + 1 }, 'retention.minBytes'],
  ])('refuses %s', (_, part, field) => {
    expect(() => validatePolicy(policy(part))).toThrow(
      expect.objectContaining({ name: 'NvrError', kind: 'invalid', field }),
    );
  });

  it('takes limits that meet, and names the field it was told', () => {
    const given = policy({ maxAgeMs: HOUR, minAgeMs: HOUR, maxBytes: GB, minBytes: GB, priority: 1 });
    expect(validatePolicy(given)).toEqual(given);
    expect(() => validatePolicy(policy({ maxBytes: 0 }), '')).toThrow(
      expect.objectContaining({ field: 'maxBytes' }),
    );
    expect(() => validatePolicy(policy({ maxBytes: 0 }), 'camera')).toThrow(
      expect.objectContaining({ field: 'camera.maxBytes' }),
    );
  });
});

describe('validateSpaceRules', () => {
  it.each([0, -1, 1.5, 2e15])('refuses a reserve of %d bytes', (reserveBytes) => {
    expect(() => validateSpaceRules({ reserveBytes, whenFull: 'drop-oldest' })).toThrow(
      expect.objectContaining({ kind: 'invalid', field: 'storage.reserveBytes' }),
    );
  });

  it.each([null, MB, 10 * GB])('takes %s', (reserveBytes) => {
    const rules = { reserveBytes, whenFull: 'drop-oldest' as const };
    expect(validateSpaceRules(rules)).toEqual(rules);
  });
});
