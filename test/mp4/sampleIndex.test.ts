import { expect, it } from 'vitest';
import { VIDEO_TRACK } from '../../src/mp4/init.ts';
import { columnsOf, decodeIndex, encodeIndex, indexOf } from '../../src/mp4/sampleIndex.ts';

const columns = {
  dts: [0, 10, 20, 35],
  cto: [20, 20, 0, 0],
  size: [900, 10, 11, 12],
  key: [true, false, false, true],
  lastDuration: 10,
  chunks: [
    { offset: 100, bytes: 910, samples: 2 },
    { offset: 2_000, bytes: 23, samples: 2 },
  ],
};
const whole = encodeIndex(indexOf(new Map([[VIDEO_TRACK, columns]])));

it('gives back what was put into it', () => {
  expect(columnsOf(decodeIndex(whole).video)).toEqual(columns);
});

it('is refused with any of its counts wrong, and never becomes more samples than it has sizes', () => {
  const wrong: number[] = [];
  for (let at = 8; at < whole.length; at++) {
    const broken = Buffer.from(whole);
    broken[at] = (broken[at] ?? 0) ^ 0x10;
    try {
      // Of a count that is wrong in its highest bits, the columns would not fit into memory.
      const { stts, ctts } = decodeIndex(broken).video;
      const counts = [stts, ctts].map((runs) => {
        let sum = 0;
        for (let entry = 0; entry < runs.length; entry += 8) sum += runs.readUInt32BE(entry);
        return sum;
      });
      if (Math.max(...counts) > columns.size.length) wrong.push(at);
    } catch (thrown) {
      expect(thrown).toMatchObject({ kind: 'invalid' });
    }
  }
  expect(wrong).toEqual([]);
});
