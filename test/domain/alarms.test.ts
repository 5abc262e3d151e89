/** Alarms: raised and cleared once, after patience, acknowledged by the first who has seen them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CameraSight,
  cameraConditions,
  clockConditions,
  folderConditions,
  storageConditions,
} from '../../src/domain/alarmConditions.ts';
import {
  type AlarmKind,
  type AlarmState,
  acknowledge,
  type Condition,
  NO_ALARMS,
  observeAlarms,
  raisedAlarms,
} from '../../src/domain/alarms.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';

const T0 = Date.UTC(2026, 5, 1);
const at = (steadyMs: number) => ({ wallMs: epochMs(T0 + steadyMs), steadyMs });
const condition = (kind: AlarmKind, subject = ''): Condition => ({
  kind,
  subject,
  text: `${kind} ${subject}`,
});

/** Plays looks: at which second, and what is wrong then; gives what was told. */
function play(looks: readonly (readonly [second: number, ...wrong: Condition[]])[]) {
  let state: AlarmState = NO_ALARMS;
  const told: string[] = [];
  for (const [second, ...wrong] of looks) {
    const [next, news] = observeAlarms(state, wrong, at(second * 1000));
    state = next;
    for (const { type, alarm } of news) told.push(`${second}: ${type} ${alarm.id}`);
  }
  return { state, told };
}

const MISSING = condition('folder-missing', '1');
const FULL = condition('storage-full', '1');
const CASES = [
  [
    'raised once, cleared once',
    [[0, FULL], [2, FULL], [4], [33], [35]],
    ['0: raised storage-full.1', '33: cleared storage-full.1'],
  ],
  [
    'patience before it is raised',
    [
      [0, MISSING],
      [2, MISSING],
      [4, MISSING],
      [6, MISSING],
    ],
    ['4: raised folder-missing.1'],
  ],
  ['what passes is never told', [[0, MISSING], [2], [4, MISSING], [6, MISSING]], []],
  [
    'what comes back in time was never gone',
    [[0, FULL], [10], [20, FULL], [40]],
    ['0: raised storage-full.1'],
  ],
  [
    'each subject for itself',
    [
      [0, FULL, condition('storage-full', '2')],
      [40, FULL],
    ],
    ['0: raised storage-full.1', '0: raised storage-full.2', '40: cleared storage-full.2'],
  ],
  ['without a subject', [[0, condition('clock-wrong')]], ['0: raised clock-wrong']],
] as const;

describe('the machine', () => {
  test.each(CASES)('%s', (_, looks, expected) => {
    expect(play(looks).told).toEqual(expected);
  });

  test('the sentence is the newest, the beginning the first', () => {
    const later = { ...FULL, text: 'Now it is worse.' };
    const { state } = play([
      [0, FULL],
      [2, later],
    ]);
    expect(raisedAlarms(state)).toEqual([
      { ...later, id: 'storage-full.1', sinceMs: T0, acknowledged: null },
    ]);
  });

  test('who has seen it first is kept until it is over', () => {
    const { state } = play([[0, FULL, MISSING]]);
    const by = (name: string) => ({ by: name, atMs: epochMs(T0 + 1) });
    const seen = acknowledge(acknowledge(state, 'storage-full.1', by('ann')), 'storage-full.1', by('bob'));
    expect(raisedAlarms(seen)[0]?.acknowledged).toEqual(by('ann'));
    expect(acknowledge(seen, 'folder-missing.1', by('ann')), 'not raised yet').toBe(seen);
    expect(acknowledge(seen, 'nothing', by('ann'))).toBe(seen);
    const [over] = observeAlarms(seen, [], at(60_000));
    const [again] = observeAlarms(over, [FULL], at(61_000));
    expect(raisedAlarms(again)[0]?.acknowledged).toBeNull();
  });

  test('whatever happens, raised and cleared alternate, and what is raised is what was told', () => {
    const conditions = [MISSING, FULL, condition('clock-wrong'), condition('not-durable', 'front')];
    const look = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.subarray(conditions));
    fc.assert(
      fc.property(fc.array(look, { maxLength: 60 }), (looks) => {
        const times = looks.map((_, i) => looks.slice(0, i + 1).reduce((sum, [pause]) => sum + pause, 0));
        const { state, told } = play(looks.map(([, wrong], i) => [times[i] ?? 0, ...wrong] as const));
        const on = new Set<string>();
        for (const line of told) {
          const [, type, id = ''] = line.split(' ');
          expect(on.has(id)).toBe(type === 'cleared');
          if (type === 'raised') on.add(id);
          else on.delete(id);
        }
        expect(new Set(raisedAlarms(state).map(({ id }) => id))).toEqual(on);
      }),
    );
  });
});

describe('the conditions', () => {
  const FRONT = cameraId('front');
  const rules = { notDurableMs: 30_000, keptMs: 86_400_000 };
  const sight: CameraSight = { id: FRONT, name: 'Front', wanted: true, idleMs: 30_000, why: 'No route.' };

  test.each([
    ['long enough', sight, ['Nothing of Front has reached the disk for 30 s. No route.']],
    ['without a reason', { ...sight, why: null }, ['Nothing of Front has reached the disk for 30 s.']],
    ['not yet', { ...sight, idleMs: 29_999 }, []],
    ['not wanted', { ...sight, wanted: false }, []],
  ])('a camera that is not durable: %s', (_, camera, expected) => {
    expect(cameraConditions([camera], rules).map(({ text }) => text)).toEqual(expected);
  });

  test('storage: too short, a limit that is not kept, or neither', () => {
    const of = (keptMs: number | null, unmet: readonly ('age' | 'bytes')[] = []) =>
      storageConditions([{ cameraId: FRONT, keptMs, unmet }], rules, () => 'Front').map(
        ({ kind, subject }) => `${kind} ${subject}`,
      );
    expect(of(86_399_999)).toEqual(['short-storage front']);
    expect(of(86_400_000)).toEqual([]);
    expect(of(null)).toEqual([]);
    expect(of(null, ['age', 'bytes'])).toEqual(['limit-unmet front-age', 'limit-unmet front-bytes']);
    const never = storageConditions(
      [{ cameraId: FRONT, keptMs: 1, unmet: [] }],
      { ...rules, keptMs: null },
      String,
    );
    expect(never).toEqual([]);
  });

  test('a folder is missing, or full, or both', () => {
    const folder = { id: 3, path: '/media', trouble: null, full: false };
    const kinds = (more: object) => folderConditions([{ ...folder, ...more }]).map(({ kind }) => kind);
    expect(kinds({})).toEqual([]);
    expect(kinds({ trouble: 'It is not mounted.' })).toEqual(['folder-missing']);
    expect(kinds({ trouble: 'x', full: true })).toEqual(['folder-missing', 'storage-full']);
  });

  test.each([
    ['right', T0, 0, T0, 0],
    ['without footage', T0, 0, null, 0],
    ['a small correction', T0, 1_999, T0, 0],
    ['set forward', T0, 3_600_000, T0, 1],
    ['set back', T0, -2_000, T0, 1],
    ['years behind', Date.UTC(1970, 0, 2), 0, null, 1],
    ['behind what was recorded', T0, 0, T0 + 61_000, 1],
  ])('a clock: %s', (_, now, step, newest, count) => {
    const newestMs = newest === null ? null : epochMs(newest);
    expect(clockConditions(epochMs(now), step, newestMs)).toHaveLength(count);
  });
});
