/** What the recorder says in English is told in Korean: events, alarms, and who changed what. */
import { expect, test } from 'vitest';
import {
  cameraConditions,
  clockConditions,
  folderConditions,
  storageConditions,
} from '../../src/domain/alarmConditions.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { GAP_CAUSES } from '../../src/domain/recordingWords.ts';
import { epochMs } from '../../src/domain/time.ts';
import { ko } from '../../web/words/said/ko.ts';
import { translated } from '../../web/words/said/translate.ts';
import { startHarness } from '../http/harness.ts';

/** Of routes whose use is no event, or is told in other words. */
const UNTOLD =
  /^(?:post .*\/(?:session|probe|probe\/picture|events)|(?:patch|delete) .*\/events\/.*|post .*\/webhooks\/.*)$/;

const foreign = (sentences: readonly string[]) =>
  sentences.filter((text) => !/\p{Script=Hangul}/u.test(translated(text, ko) ?? ''));

test('every cause has its sentence', () => {
  expect(foreign(Object.values(GAP_CAUSES))).toEqual([]);
});

test('every alarm has its sentence', () => {
  const id = cameraId('yard');
  const now = epochMs(1_774_738_800_000);
  const conditions = [
    ...cameraConditions(
      [{ id, name: 'Yard', wanted: true, idleMs: 90_000, why: 'The camera cannot be reached.' }],
      { notDurableMs: 1, keptMs: 1 },
    ),
    ...storageConditions(
      [{ cameraId: id, keptMs: 1, unmet: ['age', 'bytes'] }],
      { notDurableMs: 1, keptMs: 2 },
      () => 'Yard',
    ),
    ...folderConditions([
      { id: 1, path: '/media', trouble: 'The disk is read-only: /media cannot be written.', full: true },
    ]),
    ...clockConditions(epochMs(1), 0, null),
    ...clockConditions(now, 0, epochMs(now + 1_000_000)),
    ...clockConditions(now, 10_000, null),
    ...clockConditions(now, -10_000, null),
  ];
  expect(conditions.length).toBe(10);
  expect(foreign(conditions.flatMap(({ text }) => [text, `Over: ${text}`]))).toEqual([]);
});

test('every change that is told has its sentence', async () => {
  const harness = await startHarness();
  const { paths } = (await harness.as('viewer', { url: '/api/v1/openapi.json' })).json();
  await harness.close();
  const told = Object.entries<Record<string, { readonly summary: string }>>(paths).flatMap(
    ([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => method !== 'get' && method !== 'head' && !UNTOLD.test(`${method} ${path}`))
        .map(([, { summary }]) => summary),
  );
  expect(told.length).toBeGreaterThan(30);
  expect(foreign(told)).toEqual([]);
});

test('what differs stays, and what it says is told as well', () => {
  expect(translated('There is a user vera already.', ko)).toBe('vera 사용자가 이미 있습니다.');
  expect(translated('Nothing of Yard has reached the disk for 90 s. The camera cannot be reached.', ko)).toBe(
    'Yard 영상이 90초째 디스크에 저장되지 않고 있습니다. 카메라에 연결할 수 없습니다.',
  );
  expect(translated('Over: /media is out of use.', ko)).toBe('해제됨: /media 폴더를 쓸 수 없습니다.');
});

test('of several sentences those that are known are told, and of none nothing', () => {
  expect(translated('The encoder x264enc failed; the next one takes its place. Odd!', ko)).toBe(
    'x264enc 인코더에 오류가 발생해 다음 인코더를 씁니다. Odd!',
  );
  expect(translated('Something else. Entirely.', ko)).toBeNull();
});
