/**
 * How much of a stream is kept in memory: little while nobody plays by playlist, the whole window while someone does; and
 * who waits for what has not arrived yet.
 */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { runId } from '../../src/domain/ids.ts';
import type { LiveWindow } from '../../src/domain/liveWindow.ts';
import { ticks } from '../../src/domain/ticks.ts';
import type { EpochMs } from '../../src/domain/time.ts';
import { LiveStream } from '../../src/live/stream.ts';
import type { InitSegment } from '../../src/mp4/types.ts';

const START_MS = 1_700_000_000_000;
const FRAGMENT_MS = 400;
/** Fragments of a group of pictures: two seconds. */
const GOP = 5;
const KEEP_MS = 8_000;
const RUN = runId('6f1f7a53-0f0e-4a5c-8a76-52f1a3a0b111');
const NEXT_RUN = runId('6f1f7a53-0f0e-4a5c-8a76-52f1a3a0b222');
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
function camera(gop = GOP, maxBytes = 2 ** 20) {
  const stream = new LiveStream({ keepMs: KEEP_MS, maxBytes });
  let sequence = 0;
  return {
    stream,
    groups: () => stream.entries.filter(({ fragment }) => fragment.key).length,
    play(seconds: number, eachFragment = () => {}) {
      for (const end = sequence + (seconds * 1000) / FRAGMENT_MS; sequence < end; sequence++) {
        const fragment = {
          sequence: sequence + 1,
          key: sequence % gop === 0,
          startTicks: ticks(sequence * FRAGMENT_MS * 90),
          durationTicks: ticks(FRAGMENT_MS * 90),
          chunks: [Buffer.from('moof'), Buffer.from('mdat')],
          byteLength: 8,
          frames: 6,
          frameBytes: [],
          frameDelays: [],
        };
        const startMs = (START_MS + sequence * FRAGMENT_MS) as EpochMs;
        stream.push({ runId: RUN, init: INIT, fragment, startMs });
        eachFragment();
      }
    },
  };
}

describe('what a stream keeps', () => {
  test('of a camera that never sends a keyframe again: no more than four times the limit, and nothing that can’t be shown', () => {
    const limit = 400;
    const { stream, play } = camera(Number.POSITIVE_INFINITY, limit);
    let most = 0;
    play(100, () => {
      most = Math.max(most, stream.ring.bytes);
    });
    expect(most).toBe(4 * limit);
    expect(stream.entries).toEqual([]);
  });

  test('at rest: the newest whole group of pictures and the one that has begun', () => {
    const { stream, groups, play } = camera();
    play(20, () => expect(groups()).toBeLessThanOrEqual(2));
    expect(groups()).toBe(2);
    expect(stream.entries[0]?.fragment.key).toBe(true);
  });

  test('a playlist can begin at once, and grows to the whole window', async () => {
    const { stream, groups, play } = camera();
    play(20);
    expect((await stream.windowFor(null)).segments).toHaveLength(1);
    play(25);
    // Eight target durations and what may still be asked for.
    expect(groups()).toBe(10);
    expect((await stream.windowFor(null)).segments).toHaveLength(8);
  });

  test('the window is let go of half a minute after the last question', async () => {
    const { stream, groups, play } = camera();
    play(20);
    await stream.windowFor(null);
    play(28);
    expect(groups()).toBeGreaterThan(2);
    play(6);
    expect(groups()).toBe(2);
  });

  test('short groups of pictures become a segment once somebody asks', async () => {
    const { stream, play } = camera(2);
    play(20);
    const asked = stream.windowFor(null);
    play(3);
    expect((await asked).segments.length).toBeGreaterThan(0);
  });
});

describe('what has not arrived yet', () => {
  const names = ({ segments, open }: LiveWindow) => [segments.length, open?.packing.parts.length];

  test('a playlist is answered by the fragment that completes what was asked for', async () => {
    const { stream, play } = camera();
    play(20.4);
    const { mediaSequence } = await stream.windowFor(null);
    let answered = 0;
    const part = stream.windowFor({ msn: mediaSequence + 1, part: 2 }).finally(() => answered++);
    const segment = stream.windowFor({ msn: mediaSequence + 1, part: null }).finally(() => answered++);
    play(0.4);
    await Promise.resolve();
    expect(answered).toBe(0);
    play(0.4);
    expect(names(await part)).toEqual([1, 3]);
    expect(answered).toBe(1);
    play(2);
    expect(names(await segment)).toEqual([2, 1]);
  });

  test('a part is answered when it is there; what was not announced is not waited for', async () => {
    const { stream, play } = camera();
    play(20);
    await stream.windowFor(null);
    const next = stream.part(RUN, 51);
    await expect(stream.part(RUN, 52)).rejects.toMatchObject({ kind: 'not-found' });
    play(0.4);
    expect(Buffer.concat(await next).toString()).toBe('moofmdat');
    expect(stream.behindMs(RUN, 50)).toBe(FRAGMENT_MS);
    await expect(stream.part(NEXT_RUN, 52)).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('nonsense is refused at once', async () => {
    const { stream, play } = camera();
    await expect(stream.windowFor(null)).rejects.toMatchObject({ kind: 'unavailable' });
    play(20);
    const { mediaSequence } = await stream.windowFor(null);
    for (const reload of [
      { msn: mediaSequence + 3, part: null },
      { msn: mediaSequence + 1, part: 400 },
    ]) {
      await expect(stream.windowFor(reload)).rejects.toMatchObject({ kind: 'invalid', field: '_HLS_msn' });
    }
  });

  test('after three target durations without media it is given up', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { stream, play } = camera();
    play(20);
    const late = expect(stream.part(RUN, 51)).rejects.toMatchObject({ kind: 'unavailable' });
    await vi.advanceTimersByTimeAsync(5_999);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    await late;
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a camera that is deleted answers all who wait', async () => {
    const { stream, play } = camera();
    play(20);
    const waiting = expect(stream.part(RUN, 51)).rejects.toMatchObject({ kind: 'not-found' });
    stream.close();
    await waiting;
  });

  test('no more than 500 wait', async () => {
    const { stream, play } = camera();
    play(20);
    const waiting = Array.from({ length: 500 }, () => stream.part(RUN, 51));
    await expect(stream.part(RUN, 51)).rejects.toMatchObject({ kind: 'unavailable' });
    play(0.4);
    expect(await Promise.all(waiting)).toHaveLength(500);
  });
});
