/** Who shares a decoder, what happens when it fails, and that nobody waits for a slow viewer. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cameraId, runId } from '../../src/domain/ids.ts';
import { type Ticks, ticks } from '../../src/domain/ticks.ts';
import { epochMs } from '../../src/domain/time.ts';
import { LiveHub } from '../../src/live/hub.ts';
import { LivePictures, type PictureSourceEvents } from '../../src/live/livePictures.ts';
import { ViewerRegistry } from '../../src/live/viewers.ts';
import type { InitSegment, RunFragment } from '../../src/mp4/types.ts';

const DOOR = cameraId('front-door');
const RUNS = ['1', '2'].map((last) => runId(`00000000-0000-4000-8000-00000000000${last}`));
const SIZE = { width: 640, fps: 5 };
const NOW = 1_774_738_800_000;

const track = {
  id: 1,
  kind: 'video',
  codec: 'avc1.64001f',
  timescale: 90_000,
  width: 64,
  height: 48,
} as const;
const init: InitSegment = {
  bytes: Buffer.from('init'),
  video: { ...track, sampleRate: 0, channels: 0 },
  audio: null,
  codecs: track.codec,
};

function entry(sequence: number, key: boolean, run = 0): RunFragment {
  const id = RUNS[run];
  if (id === undefined) throw new Error('no such run');
  const startTicks: Ticks = ticks(sequence * 22_500);
  const chunks = [Buffer.from(`fragment ${sequence}`)];
  const counts = { byteLength: 11, frames: 1, frameBytes: [11], frameDelays: [0] };
  const fragment = { sequence, key, startTicks, durationTicks: ticks(22_500), chunks, ...counts };
  return { runId: id, init, fragment, startMs: epochMs(NOW + sequence * 250) };
}

/** A decoder that decodes nothing. */
interface Opened {
  readonly events: PictureSourceEvents;
  readonly pushed: number[];
  closed: boolean;
}

class Viewer {
  readonly seen: string[] = [];
  ended = false;
  busy = false;
  show(jpeg: Buffer): boolean {
    if (!this.busy) this.seen.push(jpeg.toString());
    return !this.busy;
  }
  end(): void {
    this.ended = true;
  }
}

function world(mostPerUser = 20) {
  const hub = new LiveHub({ keepMs: 1_000, maxBytes: 2 ** 20 });
  const clock = { now: () => epochMs(NOW + 500), monotonic: () => 0 };
  const viewers = new ViewerRegistry(clock, mostPerUser);
  const opened: Opened[] = [];
  const pictures = new LivePictures({
    ...{ hub, viewers, clock },
    open: async (_entry, _size, events) => {
      const source: Opened = { events, pushed: [], closed: false };
      opened.push(source);
      return {
        push: ({ fragment }) => source.pushed.push(fragment.sequence),
        close: () => {
          source.closed = true;
        },
      };
    },
  });
  const { ring } = hub.open(DOOR);
  return { hub, ring, viewers, opened, pictures };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});
const settle = () => vi.advanceTimersByTimeAsync(0);

describe('live pictures', () => {
  it('begin with the newest keyframe, for all who watch at the same size by one decoder', async () => {
    const { ring, opened, pictures, viewers } = world();
    for (const each of [entry(1, true), entry(2, false), entry(3, true), entry(4, false)]) ring.push(each);
    const [one, two, small] = [new Viewer(), new Viewer(), new Viewer()];
    const leaves = [
      pictures.watch(DOOR, SIZE, 'anna', one),
      pictures.watch(DOOR, SIZE, 'ben', two),
      pictures.watch(DOOR, { ...SIZE, width: 320 }, 'ben', small),
    ];
    await settle();
    ring.push(entry(5, false));
    expect(opened.map(({ pushed }) => pushed)).toEqual([
      [3, 4, 5],
      [3, 4, 5],
    ]);
    opened[0]?.events.onPicture(Buffer.from('a'));
    expect([one.seen, two.seen, small.seen]).toEqual([['a'], ['a'], []]);
    expect(viewers.list().map(({ user, transport, camera }) => [user, transport, camera])).toEqual([
      ['anna', 'mjpeg', DOOR],
      ['ben', 'mjpeg', DOOR],
      ['ben', 'mjpeg', DOOR],
    ]);
    leaves[0]?.();
    expect(opened[0]?.closed).toBe(false);
    leaves[1]?.();
    expect([opened[0]?.closed, opened[1]?.closed, pictures.projectors]).toEqual([true, false, 1]);
    expect(viewers.list()).toHaveLength(1);
    leaves[2]?.();
    expect([pictures.projectors, viewers.list()]).toEqual([0, []]);
  });

  it('show a newcomer the newest picture at once', async () => {
    const { ring, opened, pictures } = world();
    ring.push(entry(1, true));
    pictures.watch(DOOR, SIZE, 'anna', new Viewer());
    await settle();
    opened[0]?.events.onPicture(Buffer.from('a'));
    const late = new Viewer();
    pictures.watch(DOOR, SIZE, 'ben', late);
    expect(late.seen).toEqual(['a']);
  });

  it('are left out for who is slow, which is counted', async () => {
    const { ring, opened, pictures, viewers } = world();
    ring.push(entry(1, true));
    const [slow, quick] = [new Viewer(), new Viewer()];
    pictures.watch(DOOR, SIZE, 'anna', slow);
    pictures.watch(DOOR, SIZE, 'ben', quick);
    await settle();
    slow.busy = true;
    for (const text of ['a', 'b']) opened[0]?.events.onPicture(Buffer.from(text));
    slow.busy = false;
    opened[0]?.events.onPicture(Buffer.from('c'));
    expect([slow.seen, quick.seen]).toEqual([['c'], ['a', 'b', 'c']]);
    expect(viewers.list().map(({ skipped }) => skipped)).toEqual([2, 0]);
  });

  it('follow the next run with its own decoder', async () => {
    const { ring, opened, pictures } = world();
    ring.push(entry(1, true));
    const viewer = new Viewer();
    pictures.watch(DOOR, SIZE, 'anna', viewer);
    await settle();
    ring.push(entry(1, true, 1));
    ring.push(entry(2, false, 1));
    await settle();
    expect(opened.map(({ pushed, closed }) => [pushed, closed])).toEqual([
      [[1], true],
      [[1, 2], false],
    ]);
    opened[0]?.events.onPicture(Buffer.from('late'));
    opened[1]?.events.onPicture(Buffer.from('new'));
    expect(viewer.seen).toEqual(['new']);
  });

  it('begin anew when the decoder fails, after a while', async () => {
    const { ring, opened, pictures } = world();
    ring.push(entry(1, true));
    const viewer = new Viewer();
    pictures.watch(DOOR, SIZE, 'anna', viewer);
    await settle();
    opened[0]?.events.onEnd();
    ring.push(entry(2, true));
    await settle();
    expect(opened).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(opened.map(({ pushed, closed }) => [pushed, closed])).toEqual([
      [[1], true],
      [[2], false],
    ]);
    expect(viewer.ended).toBe(false);
  });

  it('end when the camera is deleted, is dark for half a minute, or the viewer is ended by somebody', async () => {
    const { hub, ring, pictures, viewers, opened } = world();
    ring.push(entry(1, true));
    const [deleted, dark, ended] = [new Viewer(), new Viewer(), new Viewer()];
    const leave = pictures.watch(DOOR, SIZE, 'anna', ended);
    viewers.end(viewers.list()[0]?.id ?? 0);
    expect(ended.ended).toBe(true);
    leave();
    pictures.watch(DOOR, SIZE, 'ben', dark);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(dark.ended).toBe(true);
    pictures.watch(DOOR, SIZE, 'carl', deleted);
    await settle();
    hub.drop(DOOR);
    expect([deleted.ended, pictures.projectors, viewers.list()]).toEqual([true, 0, []]);
    expect(opened.every(({ closed }) => closed)).toBe(true);
  });

  it('are refused without media, for an unknown camera, and to who watches too much; nothing is left over', () => {
    const { ring, pictures, viewers, hub } = world(1);
    const watch = (camera = DOOR) => pictures.watch(camera, SIZE, 'anna', new Viewer());
    expect(watch).toThrow('The camera delivers no picture now.');
    expect(() => watch(cameraId('other'))).toThrow('There is no camera other.');
    ring.push(entry(1, true));
    watch();
    expect(watch).toThrow(/at most/);
    expect([pictures.projectors, viewers.list().length]).toEqual([1, 1]);
    pictures.close();
    hub.drop(DOOR);
    expect([pictures.projectors, viewers.list().length]).toEqual([0, 0]);
  });

  it('are of eight cameras or sizes at once, at most', () => {
    const { ring, pictures, viewers } = world();
    ring.push(entry(1, true));
    const watch = (width: number) => pictures.watch(DOOR, { width, fps: 1 }, 'anna', new Viewer());
    for (let width = 100; width < 108; width++) watch(width);
    expect(() => watch(108)).toThrow('Only 8 cameras or sizes are shown as pictures at once.');
    expect(viewers.list()).toHaveLength(8);
    pictures.close();
  });
});
