/** Live video through the decoder's process: pictures come in time, at the rate asked for, and what fails is told. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import type { DecoderHost } from '../../src/media/decoderHost.ts';
import { JpegSplitter } from '../../src/media/jpegSplitter.ts';
import { PictureStream } from '../../src/media/pictureStream.ts';
import { Fragmenter } from '../../src/mp4/fragmenter.ts';
import type { InitSegment, RunFragment } from '../../src/mp4/types.ts';
import { type ClipName, clip } from '../mp4/clips.ts';
import { closest, decoderHost, greyFrames, jpegSize } from '../support/pictures.ts';

let host: DecoderHost;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-stream-'));
  host = await decoderHost();
}, 120_000);
afterAll(() => {
  host.close();
  rmSync(folder, { recursive: true, force: true });
});

async function entriesOf(name: ClipName): Promise<RunFragment[]> {
  const inits: InitSegment[] = [];
  const entries: RunFragment[] = [];
  const fragmenter = new Fragmenter({
    offsets: { videoMs: 0, audioMs: 0 },
    onInit: (init) => inits.push(init),
    onFragment: (fragment) => {
      const [init] = inits;
      if (init === undefined) throw new Error('a fragment before the init segment');
      const id = runId('00000000-0000-4000-8000-000000000001');
      entries.push({ runId: id, init, fragment, startMs: epochMs(1_774_738_800_000) });
    },
  });
  fragmenter.push(await clip(name));
  fragmenter.flush();
  return entries;
}

async function open(entries: readonly RunFragment[], fps: number, width = 160) {
  const [first] = entries;
  if (first === undefined) throw new Error('no fragments');
  const seen: Buffer[] = [];
  let ended = 0;
  const stream = await PictureStream.open(
    { host, folder, init: first.init, width, fps },
    { onPicture: (jpeg) => seen.push(jpeg), onEnd: () => ended++ },
  );
  return { stream, seen, ended: () => ended };
}

describe('live pictures', () => {
  it.each(['h264', 'h264BframesAac', 'h265Opus'] as const)(
    'of %s come while it arrives, at the rate asked for',
    async (name) => {
      const entries = await entriesOf(name);
      const reference = greyFrames(await clip(name), 160, 120);
      const { stream, seen } = await open(entries, 5);
      const half = entries.slice(0, Math.ceil(entries.length / 2));
      for (const entry of half) stream.push(entry);
      // Two seconds of media at five a second, the last of which a decoder may hold back.
      await expect.poll(() => seen.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(9);
      for (const entry of entries.slice(half.length)) stream.push(entry);
      await expect.poll(() => seen.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(18);
      expect(seen.length).toBeLessThanOrEqual(21);
      const frames = seen.map((jpeg) => closest(jpeg, reference, 160, 120).frame);
      expect(frames).toEqual([...frames].sort((a, b) => a - b));
      expect(frames[0]).toBeLessThanOrEqual(2);
      stream.close();
      await expect.poll(() => readdirSync(folder)).toEqual([]);
    },
  );

  it('are as wide as asked, never wider than the video', async () => {
    const entries = await entriesOf('h264');
    for (const [asked, width] of [
      [80, 80],
      [640, 160],
    ] as const) {
      const { stream, seen } = await open(entries, 5, asked);
      for (const entry of entries) stream.push(entry);
      await expect.poll(() => seen.length, { timeout: 10_000 }).toBeGreaterThan(1);
      expect(jpegSize(seen[0] ?? Buffer.alloc(0)).width).toBe(width);
      stream.close();
    }
  });

  it('end with words to nobody when the process is gone, and go on in another', async () => {
    const entries = await entriesOf('h264');
    const { stream, seen, ended } = await open(entries, 5);
    for (const entry of entries) stream.push(entry);
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBeGreaterThan(1);
    host.kill();
    expect(ended()).toBe(1);
    for (const entry of entries) stream.push(entry);
    stream.close();
    const again = await open(entries, 5);
    for (const entry of entries) again.stream.push(entry);
    await expect.poll(() => again.seen.length, { timeout: 10_000 }).toBeGreaterThan(1);
    again.stream.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of bytes that are no media fail, and are told', async () => {
    const entries = await entriesOf('h264');
    const { stream, ended } = await open(entries, 5);
    const [first] = entries;
    if (first === undefined) throw new Error('no fragments');
    const garbage = { ...first.fragment, chunks: [Buffer.alloc(200_000, 0x7f)] };
    for (let count = 0; count < 20; count++) stream.push({ ...first, fragment: garbage });
    stream.close();
    expect(ended()).toBeLessThanOrEqual(1);
    const again = await open(entries, 5);
    for (const entry of entries) again.stream.push(entry);
    await expect.poll(() => again.seen.length, { timeout: 10_000 }).toBeGreaterThan(1);
    again.stream.close();
  });
});

describe('cutting JPEGs', () => {
  /** Looks like the end of a picture, inside a segment. */
  const picture = (text: string) =>
    Buffer.concat([
      Buffer.from('ffd8ffdb0006ffd9ffd9ffda0004aabb', 'hex'),
      Buffer.from(text),
      Buffer.from('ff00ffd0ffd9', 'hex'),
    ]);

  it('finds the same pictures however the bytes are divided', () => {
    const all = ['one', '', 'three'].map(picture);
    const bytes = Buffer.concat(all);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        const found: Buffer[] = [];
        const splitter = new JpegSplitter((jpeg) => found.push(Buffer.from(jpeg)));
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        for (const [index, edge] of edges.entries()) splitter.push(bytes.subarray(edge, edges[index + 1]));
        expect(found).toEqual(all);
      }),
    );
  });
});
