import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ForecastCamera, forecast } from '../../src/domain/forecast.ts';
import { cameraId } from '../../src/domain/ids.ts';
import {
  DEFAULT_POLICY,
  planRetention,
  type RetentionPolicy,
  type SegmentRef,
  type SpaceRules,
} from '../../src/domain/retention.ts';
import { epochMs } from '../../src/domain/time.ts';

const MB = 2 ** 20;
const GB = 2 ** 30;
const SECOND = 1000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
const RULES: SpaceRules = { reserveBytes: 10 * GB, whenFull: 'drop-oldest' };
/** 90 GB and the reserve are free. */
const EMPTY = { id: 1, totalBytes: 1_000 * GB, freeBytes: 100 * GB };

/** A camera that writes one GB an hour, and has nothing yet. */
function camera(name: string, part: Partial<ForecastCamera> = {}, policy: Partial<RetentionPolicy> = {}) {
  return {
    cameraId: cameraId(name),
    volumeId: 1,
    policy: { ...DEFAULT_POLICY, ...policy },
    bytes: 0,
    protectedBytes: 0,
    bytesPerSecond: GB / 3_600,
    ...part,
  };
}

/** Hours that each camera's footage will reach back, and those until the volume is full. */
function hours(cameras: readonly ForecastCamera[], volume = EMPTY) {
  const { cameras: each, volumes } = forecast(RULES, [volume], cameras);
  const round = (ms: number | null | undefined) =>
    ms == null ? null : Math.round((ms / HOUR) * 1000) / 1000;
  return {
    kept: each.map(({ keptMs }) => round(keptMs)),
    limits: each.map(({ limit }) => limit),
    least: round(volumes[0]?.keptMs),
    fullIn: round(volumes[0]?.fullInMs),
    short: volumes[0]?.shortBytes,
  };
}

describe('forecast', () => {
  it('divides what is free among cameras so that they reach back equally far', () => {
    const cameras = [camera('a'), camera('b', { bytesPerSecond: (2 * GB) / 3_600 })];
    expect(hours(cameras)).toEqual({
      kept: [30, 30],
      limits: ['space', 'space'],
      least: 30,
      fullIn: 30,
      short: 0,
    });
  });

  it('counts what is there, but not what is protected', () => {
    const cameras = [camera('a', { bytes: 30 * GB, protectedBytes: 20 * GB })];
    expect(hours(cameras)).toMatchObject({ kept: [100], fullIn: 90 });
  });

  it('takes what cameras left that are not recorded', () => {
    const cameras = [camera('a'), camera('gone', { bytes: 30 * GB, bytesPerSecond: 0 })];
    expect(hours(cameras)).toMatchObject({
      kept: [120, null],
      limits: ['space', null],
      least: 120,
      fullIn: 90,
    });
  });

  it('gives the space that a limit leaves to the others', () => {
    const aged = [camera('a', {}, { maxAgeMs: 10 * HOUR }), camera('b')];
    expect(hours(aged)).toEqual({
      kept: [10, 80],
      limits: ['age', 'space'],
      least: 10,
      fullIn: 80,
      short: 0,
    });
    const sized = [
      camera('a', { protectedBytes: 5 * GB, bytes: 5 * GB }, { maxBytes: 25 * GB }),
      camera('b'),
    ];
    expect(hours(sized)).toMatchObject({ kept: [20, 70], limits: ['bytes', 'space'] });
  });

  it('takes the space of a guarantee from the others', () => {
    const cameras = [camera('a', {}, { minAgeMs: 60 * HOUR }), camera('b')];
    expect(hours(cameras)).toMatchObject({ kept: [60, 30], limits: ['space', 'space'], least: 30 });
    const bytes = [camera('a', {}, { minBytes: 80 * GB }), camera('b'), camera('c')];
    expect(hours(bytes)).toMatchObject({ kept: [80, 5, 5], least: 5 });
  });

  it('says how much of the guarantees will not fit, and what is left of them', () => {
    const cameras = [camera('a', {}, { minAgeMs: 60 * HOUR }), camera('b', {}, { minAgeMs: 60 * HOUR })];
    expect(hours(cameras)).toMatchObject({ kept: [45, 45], short: 30 * GB });
  });

  it('is never full when limits come first', () => {
    const cameras = [camera('a', {}, { maxAgeMs: 10 * HOUR }), camera('b', {}, { maxBytes: 20 * GB })];
    expect(hours(cameras)).toEqual({
      kept: [10, 20],
      limits: ['age', 'bytes'],
      least: 10,
      fullIn: null,
      short: 0,
    });
  });

  it('is full now when the reserve is in use', () => {
    const cameras = [camera('a', { bytes: 50 * GB })];
    expect(hours(cameras, { ...EMPTY, freeBytes: 5 * GB })).toMatchObject({ kept: [45], fullIn: 0 });
  });

  it('counts with what goes at once because it exceeds a limit', () => {
    const cameras = [camera('a', { bytes: 50 * GB }, { maxBytes: 20 * GB }), camera('b')];
    expect(hours(cameras)).toMatchObject({ kept: [20, 120], fullIn: 120 });
  });

  it('knows nothing of an archive in which nothing is recorded', () => {
    const nothing = { kept: [], limits: [], least: null, fullIn: null, short: 0 };
    expect(hours([])).toEqual(nothing);
    expect(hours([camera('a', { bytesPerSecond: 0, bytes: GB })])).toMatchObject({
      kept: [null],
      fullIn: null,
    });
  });

  it('keeps volumes apart', () => {
    const volumes = [EMPTY, { ...EMPTY, id: 2, freeBytes: 20 * GB }];
    const cameras = [
      camera('a'),
      camera('a', { volumeId: 2, bytes: 5 * GB, bytesPerSecond: 0 }),
      camera('b', { volumeId: 2 }),
    ];
    const { cameras: each, volumes: both } = forecast(RULES, volumes, cameras);
    expect(each.map(({ keptMs }) => keptMs)).toEqual([90 * HOUR, null, 15 * HOUR]);
    expect(both.map(({ volumeId, keptMs, fullInMs }) => [volumeId, keptMs, fullInMs])).toEqual([
      [1, 90 * HOUR, 90 * HOUR],
      [2, 15 * HOUR, 10 * HOUR],
    ]);
  });
});

/** What does not contradict the limit. */
const atMost = (value: number | null, limit: number | null) =>
  value === null || limit === null ? value : Math.min(value, limit);

const anyCamera = fc
  .record({
    mbPerMinute: fc.integer({ min: 1, max: 40 }),
    maxAgeMs: fc.option(fc.integer({ min: 1, max: 200 }).map((minutes) => minutes * 60 * SECOND)),
    minAgeMs: fc.option(fc.integer({ min: 1, max: 20 }).map((minutes) => minutes * 60 * SECOND)),
    maxBytes: fc.option(fc.integer({ min: 20 * MB, max: 2 * GB })),
    minBytes: fc.option(fc.integer({ min: MB, max: 200 * MB })),
  })
  .map(({ mbPerMinute, ...policy }) => ({
    bytesPerSecond: (mbPerMinute * MB) / 60,
    policy: {
      ...DEFAULT_POLICY,
      ...policy,
      minAgeMs: atMost(policy.minAgeMs, policy.maxAgeMs),
      minBytes: atMost(policy.minBytes, policy.maxBytes),
    },
  }));

describe('the rules of retention', () => {
  it('lead to what was foreseen', () => {
    const total = 3 * GB;
    const rules: SpaceRules = { reserveBytes: 64 * MB, whenFull: 'drop-oldest' };
    fc.assert(
      fc.property(fc.array(anyCamera, { minLength: 1, maxLength: 3 }), (given) => {
        const cameras = given.map((each, i) =>
          camera(`c${i}`, { bytesPerSecond: each.bytesPerSecond }, each.policy),
        );
        const volume = { id: 1, totalBytes: total, freeBytes: total };
        const foreseen = forecast(rules, [volume], cameras);
        fc.pre(foreseen.volumes[0]?.shortBytes === 0);
        const end = recordMinutes(rules, cameras, total, 300);
        // Segments are whole minutes: of each camera up to one is cut off at its limit, and one is the newest.
        const slack = 2 * cameras.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond * 60, 0);
        for (const [i, { cameraId, keptMs }] of foreseen.cameras.entries()) {
          const kept = end.filter((segment) => segment.cameraId === cameraId);
          const bytes = kept.reduce((sum, segment) => sum + segment.bytes, 0);
          const seconds = Math.min(300 * 60, (keptMs ?? DAY) / SECOND);
          expect(Math.abs(bytes - seconds * (cameras[i]?.bytesPerSecond ?? 0))).toBeLessThanOrEqual(slack);
        }
      }),
      { numRuns: 20, endOnFailure: true },
    );
  });
});

/** What is left when cameras have recorded segments of a minute for so many minutes. */
function recordMinutes(
  rules: SpaceRules,
  cameras: readonly ForecastCamera[],
  total: number,
  minutes: number,
) {
  let segments: SegmentRef[] = [];
  for (let minute = 0; minute < minutes; minute++) {
    for (const [i, { cameraId, bytesPerSecond }] of cameras.entries()) {
      const startMs = epochMs(minute * 60 * SECOND);
      const place = {
        id: (minute * 10 + i + 1) as SegmentRef['id'],
        cameraId,
        volumeId: 1,
        protected: false,
      };
      segments.push({ ...place, startMs, endMs: epochMs(startMs + 60 * SECOND), bytes: bytesPerSecond * 60 });
    }
    const used = segments.reduce((sum, { bytes }) => sum + bytes, 0);
    const plan = planRetention(
      rules,
      {
        nowMs: epochMs((minute + 1) * 60 * SECOND),
        volumes: [{ id: 1, totalBytes: total, freeBytes: total - used, fillBytesPerSecond: 0 }],
        cameras: cameras.map(({ cameraId, policy }) => ({ cameraId, policy, writesTo: 1 })),
        footage: cameras.map(({ cameraId }) => {
          const oldest = segments.filter((segment) => segment.cameraId === cameraId);
          return {
            cameraId,
            volumeId: 1,
            bytes: oldest.reduce((sum, { bytes }) => sum + bytes, 0),
            oldest,
            more: false,
          };
        }),
        stopped: [],
      },
      1000,
    );
    const gone = new Set(plan.delete);
    segments = segments.filter((segment) => !gone.has(segment));
  }
  return segments;
}
