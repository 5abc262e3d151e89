/** The check of stamps, which every test of recorded footage relies on. */
import { describe, expect, test } from 'vitest';
import { checkStamps } from '../support/rtsp/stamps.ts';

describe('stamps', () => {
  test.each([
    { numbers: [], expected: { frames: 0, lost: 0, doubled: 0, backward: 0 } },
    { numbers: [5, 6, 7], expected: { frames: 3, lost: 0, doubled: 0, backward: 0 } },
    { numbers: [5, 8], expected: { frames: 2, lost: 2, doubled: 0, backward: 0 } },
    { numbers: [5, 6, 6, 7], expected: { frames: 3, lost: 0, doubled: 1, backward: 0 } },
    { numbers: [5, 7, 6, 8], expected: { frames: 4, lost: 0, doubled: 0, backward: 1 } },
    { numbers: [5, 6, 7, 6, 7, 9], expected: { frames: 4, lost: 1, doubled: 2, backward: 1 } },
  ])('are checked: $numbers', ({ numbers, expected }) => {
    const stamps = numbers.map((frame) => ({ camera: 1, frame, sentMs: frame * 40 }));
    expect(checkStamps(stamps)).toMatchObject(expected);
    expect(checkStamps(stamps).lastSentMs).toBe(stamps.at(-1)?.sentMs);
  });

  test('of several cameras are not checked together', () => {
    const stamps = [1, 2].map((camera) => ({ camera, frame: 1, sentMs: 1 }));
    expect(() => checkStamps(stamps)).toThrow('several cameras');
  });
});
