/** Keyframes that do not come again. */
import { expect, test } from 'vitest';
import { Interleaver } from '../../src/mp4/interleaver.ts';
import { Payload, type StoredSample } from '../../src/mp4/payload.ts';
import type { Fragment, InitSegment } from '../../src/mp4/types.ts';

const TIMESCALE = 90_000;
const INIT: InitSegment = {
  bytes: Buffer.from('init'),
  video: {
    ...{ id: 1, kind: 'video', codec: 'avc1.64001f', timescale: TIMESCALE },
    ...{ width: 640, height: 360, sampleRate: 0, channels: 0 },
  },
  audio: null,
  codecs: 'avc1.64001f',
};

/** A second of video in one frame. */
function second(at: number, key: boolean): StoredSample {
  const payload = new Payload([Buffer.alloc(4)]);
  const sample = { dts: at * TIMESCALE, cto: 0, duration: TIMESCALE, key, size: 4, at: 0 };
  return payload.place(sample, 0);
}

function run(): { readonly fragments: Fragment[]; readonly take: (at: number, key: boolean) => void } {
  const fragments: Fragment[] = [];
  const interleaver = new Interleaver(INIT, { onFragment: (fragment) => fragments.push(fragment) });
  return { fragments, take: (at, key) => interleaver.takeVideo([second(at, key)]) };
}

test('a stream that sends no keyframe again is ended after five minutes, so that the next begins with one', () => {
  const { fragments, take } = run();
  for (let at = 0; at <= 300; at++) take(at, at === 0);
  expect(fragments).toHaveLength(301);
  expect(() => take(301, false)).toThrow('no keyframe for five minutes');
});

test('keyframes that are minutes apart are those of a camera that watches a wall', () => {
  const { fragments, take } = run();
  for (let at = 0; at <= 1_200; at++) take(at, at % 240 === 0);
  expect(fragments).toHaveLength(1_201);
});
