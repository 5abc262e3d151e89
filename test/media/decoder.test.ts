/** Real coded video through the decoder's process, compared with what ffmpeg makes of it. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DECODER_LIMITS, Decoder, type DecoderOptions } from '../../src/media/decoder.ts';
import type { DecoderHost } from '../../src/media/decoderHost.ts';
import { Fragmenter } from '../../src/mp4/fragmenter.ts';
import { type Frame, framesIn, keyframeMovie, stillMovie } from '../../src/mp4/still.ts';
import type { InitSegment } from '../../src/mp4/types.ts';
import { type ClipName, clip } from '../mp4/clips.ts';
import { closest, decoderHost, greyFrames, jpegSize } from '../support/pictures.ts';

const [WIDTH, HEIGHT] = [160, 120];

let host: DecoderHost;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-decoder-'));
  host = await decoderHost();
}, 120_000);
afterAll(() => {
  host.close();
  rmSync(folder, { recursive: true, force: true });
});

function decoder(options: Partial<DecoderOptions> = {}): Decoder {
  return new Decoder({ host, folder, ...DECODER_LIMITS, ...options });
}

interface Decodable {
  readonly init: InitSegment;
  readonly frames: readonly Frame[];
  /** Indexes into the frames, in the order of their presentation. */
  readonly order: readonly number[];
  readonly reference: readonly Buffer[];
}

async function decodable(name: ClipName): Promise<Decodable> {
  const bytes = await clip(name);
  const inits: InitSegment[] = [];
  const chunks: Buffer[] = [];
  const fragmenter = new Fragmenter({
    offsets: { videoMs: 0, audioMs: 0 },
    onInit: (init) => inits.push(init),
    onFragment: (fragment) => chunks.push(...fragment.chunks),
  });
  fragmenter.push(bytes);
  fragmenter.flush();
  const [init] = inits;
  if (init === undefined) throw new Error('no init segment');
  const frames = framesIn(Buffer.concat(chunks));
  const order = frames.map((_, index) => index).sort((a, b) => (frames[a]?.pts ?? 0) - (frames[b]?.pts ?? 0));
  return { init, frames, order, reference: greyFrames(bytes, WIDTH, HEIGHT) };
}

describe('a picture', () => {
  it.each(['h264', 'h264BframesAac', 'h265Opus'] as const)(
    'of %s is just the frame asked for',
    async (name) => {
      const { init, frames, order, reference } = await decodable(name);
      expect(reference).toHaveLength(frames.length);
      const pictures = decoder();
      for (const wanted of [0, 1, 2, 3, 24, 25, 26, 27, 62, 98, 99]) {
        const jpeg = await pictures.picture(init.video, stillMovie(init, frames, wanted), null);
        const found = closest(jpeg, reference, WIDTH, HEIGHT);
        expect({ wanted, rank: found.frame }).toEqual({ wanted, rank: order.indexOf(wanted) });
        expect(found.difference).toBeLessThan(4);
      }
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('is as wide as asked, and keeps its shape', async () => {
    const { init, frames } = await decodable('h264');
    const jpeg = await decoder().picture(init.video, stillMovie(init, frames, 0), 80);
    expect(jpegSize(jpeg)).toEqual({ width: 80, height: 60 });
  });

  it('of damaged video is a picture or a failure, in time, and the next one is right', async () => {
    const { init, frames, reference } = await decodable('h264BframesAac');
    const pictures = decoder({ limitMs: 3_000 });
    for (let seed = 1; seed <= 12; seed++) {
      const broken = stillMovie(init, frames, 20).map((part, index) => damaged(part, index === 0 ? 0 : seed));
      const whole = Buffer.concat(broken);
      const cut = seed % 3 === 0 ? whole.subarray(0, (whole.length * seed) / 13) : whole;
      const outcome = await pictures.picture(init.video, [cut], null).then(
        (jpeg) => jpegSize(jpeg).width,
        (error: unknown) => error,
      );
      if (outcome !== WIDTH) expect(outcome).toMatchObject({ kind: 'unavailable' });
    }
    const jpeg = await pictures.picture(init.video, stillMovie(init, frames, 0), null);
    expect(closest(jpeg, reference, WIDTH, HEIGHT).frame).toBe(0);
  });

  it('is refused of a codec that cannot be decoded, with words', async () => {
    const { init, frames } = await decodable('h264');
    const video = { ...init.video, codec: 'av01.0.04M.08' };
    await expect(decoder().picture(video, stillMovie(init, frames, 0), null)).rejects.toMatchObject({
      kind: 'conflict',
      message: 'Pictures can’t be made of av01.0.04M.08 video.',
    });
  });
});

/** Some bytes of the samples are others, the same for the same seed. */
function damaged(part: Buffer, seed: number): Buffer {
  const copy = Buffer.from(part);
  for (let at = seed * 7; seed > 0 && at < copy.length; at += 97 + seed) copy[at] = (at * seed) & 0xff;
  return copy;
}

describe('thumbnails', () => {
  it('of keyframes come in their order, and become a sheet', async () => {
    const { init, frames, order } = await decodable('h265Opus');
    const reference = greyFrames(await clip('h265Opus'), 80, 60);
    const keys = frames.flatMap(({ key }, index) => (key ? [index] : []));
    const data = keys.map((index) => frames[index]?.data ?? Buffer.alloc(0));
    const size = { width: 80, height: 60 };
    const pixels = await decoder().pixels(init.video, keyframeMovie(init, data), size, 'background');
    const bytes = (size.width * size.height * 3) / 2;
    expect(pixels.length).toBe(keys.length * bytes);
    for (const [at, index] of keys.entries()) {
      const jpeg = await decoder().sheet(pixels.subarray(at * bytes, (at + 1) * bytes), size, 'background');
      expect(jpegSize(jpeg)).toEqual(size);
      expect(closest(jpeg, reference, 80, 60).frame).toBe(order.indexOf(index));
    }
  });
});

describe('the queue', () => {
  it('holds no more video than it may, but one picture always', async () => {
    const { init, frames } = await decodable('h264');
    const movie = stillMovie(init, frames, 24);
    const bytes = movie.reduce((sum, { length }) => sum + length, 0);
    const pictures = decoder({ queueBytes: 2.5 * bytes });
    const ask = (of = movie) => pictures.picture(init.video, of, null);
    const begun = [ask(), ask()];
    const waiting = [ask(), ask()];
    await expect(ask()).rejects.toMatchObject({ kind: 'exhausted' });
    const rest = stillMovie(init, frames.slice(0, 1), 0);
    waiting.push(ask(rest));
    await Promise.all([...begun, ...waiting]);
    const large = decoder({ queueBytes: 1 });
    await Promise.all([1, 2, 3].map(() => large.picture(init.video, movie, null)));
  });

  it('answers fifty at once, and refuses more than it holds', async () => {
    const { init, frames } = await decodable('h264');
    const pictures = decoder({ queue: 48 });
    const ask = (index: number) => pictures.picture(init.video, stillMovie(init, frames, index), null);
    const asked = Array.from({ length: 50 }, (_, index) => ask(index % 25));
    await expect(ask(0)).rejects.toMatchObject({ kind: 'exhausted' });
    const jpegs = await Promise.all(asked);
    expect(new Set(jpegs.map((jpeg) => jpegSize(jpeg).width))).toEqual(new Set([WIDTH]));
    expect(pictures.busy).toBe(false);
  });

  it('lets who waits go before what is made in advance', async () => {
    const { init, frames } = await decodable('h264');
    const pictures = decoder({ slots: 1 });
    const done: string[] = [];
    const make = async (what: string, urgency: 'asked' | 'background') => {
      await pictures.picture(init.video, stillMovie(init, frames, 0), null, urgency);
      done.push(what);
    };
    await Promise.all([
      make('asked 1', 'asked'),
      make('in advance 1', 'background'),
      make('in advance 2', 'background'),
      make('asked 2', 'asked'),
    ]);
    expect(done).toEqual(['asked 1', 'asked 2', 'in advance 1', 'in advance 2']);
  });
});

describe('the process', () => {
  it('runs at a low priority, and what it costs is known', async () => {
    const { init, frames } = await decodable('h264');
    const before = host.cpuSeconds;
    await decoder().picture(init.video, stillMovie(init, frames, 24), null);
    expect(host.cpuSeconds).toBeGreaterThan(before);
    const { getPriority } = await import('node:os');
    expect(getPriority(host.pid ?? 0)).toBe(10);
  });

  it('is killed when a picture takes too long; others are tried again in a new one', async () => {
    const { init, frames } = await decodable('h264');
    const movie = stillMovie(init, frames, 99);
    await decoder().picture(init.video, movie, null);
    const first = host.pid;
    const patient = decoder().picture(init.video, movie, null);
    await expect(decoder({ limitMs: 0 }).picture(init.video, movie, null)).rejects.toMatchObject({
      kind: 'unavailable',
      message: 'The picture could not be decoded.',
    });
    expect(jpegSize(await patient).width).toBe(WIDTH);
    expect(host.pid).not.toBe(first);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that crashes is replaced', async () => {
    const { init, frames } = await decodable('h264');
    const asked = decoder().picture(init.video, stillMovie(init, frames, 24), null);
    const crashed = host.pid;
    process.kill(crashed ?? -1, 'SIGKILL');
    expect(jpegSize(await asked).width).toBe(WIDTH);
    expect(host.pid).not.toBe(crashed);
  });

  it('ends when it is not needed', async () => {
    const idle = await decoderHost(50);
    const { init, frames } = await decodable('h264');
    const pictures = new Decoder({ host: idle, folder, ...DECODER_LIMITS });
    await pictures.picture(init.video, stillMovie(init, frames, 0), null);
    await expect.poll(() => idle.pid, { timeout: 5_000 }).toBeNull();
    expect(idle.cpuSeconds).toBeGreaterThan(0);
  });
});
