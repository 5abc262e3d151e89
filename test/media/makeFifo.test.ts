/** FIFOs made many at a time, by the real program. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeFifo } from '../../src/media/makeFifo.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'nightjar-fifos-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => path.join(folder, name);

test('makes all that are asked for at once, for this user alone', async () => {
  const paths = Array.from({ length: 40 }, (_, index) => at(`many-${index}`));
  await Promise.all(paths.map((each) => makeFifo(each)));
  for (const each of paths) {
    const { mode } = statSync(each);
    expect(statSync(each).isFIFO()).toBe(true);
    expect(mode & 0o777).toBe(0o600);
  }
});

test('one that can’t be made is refused, and no other', async () => {
  writeFileSync(at('taken'), '');
  const results = await Promise.allSettled([
    makeFifo(at('take')),
    makeFifo(at('taken')),
    makeFifo(at('nowhere/at-all')),
    makeFifo(at('last')),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  expect(results[1]).toMatchObject({
    reason: { kind: 'unavailable', message: expect.stringMatching(/taken/) },
  });
  for (const name of ['take', 'last']) expect(statSync(at(name)).isFIFO()).toBe(true);
});

test('goes on after a failure, and while others are being made', async () => {
  const early = makeFifo(at('early'));
  await new Promise((resolve) => setTimeout(resolve, 1));
  await Promise.all([early, makeFifo(at('late')), makeFifo(at('later'))]);
  for (const name of ['early', 'late', 'later']) expect(statSync(at(name)).isFIFO()).toBe(true);
});
