/** How much of a stream is kept in memory: little while nobody plays by playlist, the whole window while someone does. */
import { describe, expect, test } from 'vitest';
import { runId } from '../../src/domain/ids.ts';
import { ticks } from '../../src/domain/ticks.ts';
import type { EpochMs } from '../../src/domain/time.ts';
import { LiveStream } from '../../src/live/hub.ts';
import type { InitSegment } from '../../src/mp4/types.ts';

const START_MS = 1_700_000_000_000;
const FRAGMENT_MS = 250;
/** Fragments of a group of pictures: two seconds. */
const GOP = 8;
const KEEP_MS = 8_000;
const RUN = runId('6f1f7a53-0f0e-4a5c-8a76-52f1a3a0b111');
const URIS = { init: () => 'init.mp4', media: () => 'media.m4s' };
const INIT: InitSegment = {
  bytes: Buffer.from('init'),
  video: {
    id: 1,
    kind: 'video',
    codec: 'avc1.64001f',
    timescale: 90_000,
    width: 640,
    height: 360,
    sampleRate: 0,
    channels: 0,
  },
  audio: null,
  codecs: 'avc1.64001f',
};

/** A camera that delivers for so many seconds, and what the stream holds then, in groups that are begun. */
function camera() {
  const stream = new LiveStream({ keepMs: KEEP_MS, maxBytes: 2 ** 20 });
  let sequence = 0;
  return {
    stream,
    groups: () => stream.entries.filter(({ fragment }) => fragment.key).length,
    play(seconds: number, eachFragment = () => {}) {
      for (const end = sequence + (seconds * 1000) / FRAGMENT_MS; sequence < end; sequence++) {
        const fragment = {
          sequence: sequence + 1,
          key: sequence % GOP === 0,
          startTicks: ticks(sequence * FRAGMENT_MS * 90),
          durationTicks: ticks(FRAGMENT_MS * 90),
          chunks: [Buffer.from('moof'), Buffer.from('mdat')],
          byteLength: 8,
          frames: 6,
          frameBytes: [],
        };
        const startMs = (START_MS + sequence * FRAGMENT_MS) as EpochMs;
        stream.push({ runId: RUN, init: INIT, fragment, startMs });
        eachFragment();
      }
    },
  };
}

describe('what a stream keeps', () => {
  test('at rest: the newest whole group of pictures and the one that has begun', () => {
    const { stream, groups, play } = camera();
    play(20, () => expect(groups()).toBeLessThanOrEqual(2));
    expect(groups()).toBe(2);
    expect(stream.entries[0]?.fragment.key).toBe(true);
  });

  test('a playlist can begin at once, and grows to the whole window', () => {
    const { stream, groups, play } = camera();
    play(20);
    expect(stream.playlist(URIS).match(/#EXTINF/g)).toHaveLength(1);
    play(20);
    expect(groups()).toBeGreaterThanOrEqual(KEEP_MS / 2_000);
    expect(stream.playlist(URIS).match(/#EXTINF/g)?.length).toBeGreaterThanOrEqual(KEEP_MS / 2_000);
  });

  test('the window is let go of half a minute after the last question', () => {
    const { stream, groups, play } = camera();
    play(20);
    stream.playlist(URIS);
    play(28);
    expect(groups()).toBeGreaterThan(2);
    play(6);
    expect(groups()).toBe(2);
  });
});
