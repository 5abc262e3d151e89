/** Pictures encoded anew: size, frame rate, keyframes, what is drawn into them, and from codecs that can't be stored. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import type { Encode, Source } from '../../src/domain/camera.ts';
import { encodedFormat } from '../../src/domain/encode.ts';
import { REQUIRED_ELEMENTS } from '../../src/media/elements.ts';
import { ENCODERS } from '../../src/media/encoderList.ts';
import { startGst } from '../../src/media/gst.ts';
import { probe } from '../../src/media/probe.ts';
import { decodeErrors, ffprobe } from '../support/ffprobe.ts';
import { HeardRun } from '../support/runs.ts';
import { clip } from '../support/sources/clip.ts';
import { soundOffsets } from '../support/sources/sync.ts';

startGst(REQUIRED_ELEMENTS);
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'nightjar-encode-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SOFTWARE = ['x264enc', 'openh264enc'] as const;

async function encoded(source: Source, encode: Encode, name: string, seconds: number) {
  const encoder = ENCODERS.find((kind) => kind.name === name);
  const found = await probe(source);
  if (!found.ok || encoder === undefined) throw new Error('There is nothing to encode, or to encode with.');
  const format = encodedFormat(found.format, encode);
  const heard = await new HeardRun().open(source, format, { encode, encoder });
  await heard.received(seconds * (format.video.fps || 25));
  await heard.end();
  const file = join(folder, `${name}-${heard.frames}.mp4`);
  writeFileSync(file, heard.bytes);
  return { heard, file, said: await ffprobe(file) };
}

/** One picture as bytes of brightness. */
async function picture(file: string, seconds: number): Promise<Buffer> {
  const out = `${file}.gray`;
  const filters = ['-vf', `select='gte(t,${seconds})'`, '-frames:v', '1', '-pix_fmt', 'gray'];
  await run('ffmpeg', ['-v', 'error', '-y', '-i', file, ...filters, '-f', 'rawvideo', out]);
  return await readFile(out);
}

/** The same text drawn on black. */
async function drawn(text: string, width: number, height: number, fontSize: number): Promise<Buffer> {
  const out = join(folder, 'drawn.gray');
  const overlay = `textoverlay font-desc="Sans ${fontSize}" text="${text}" valignment=top halignment=left auto-resize=false shaded-background=true`;
  const caps = `video/x-raw,format=I420,width=${width},height=${height},framerate=1/1`;
  const launch = `videotestsrc pattern=black num-buffers=1 ! ${caps} ! ${overlay} ! videoconvert ! video/x-raw,format=GRAY8 ! filesink location=${out}`;
  await run('gst-launch-1.0', ['-q', ...(launch.match(/(?:[^\s"]+|"[^"]*")+/g) ?? [])]);
  return await readFile(out);
}

/** How many pixels are bright in one and dark in the other. */
function difference(a: Buffer, b: Buffer): number {
  return a.reduce((sum, value, index) => sum + Number(value > 128 !== (b[index] ?? 0) > 128), 0);
}

const two = (value: number) => String(value).padStart(2, '0');
const clockAt = (ms: number) => {
  const at = new Date(ms);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
};

describe('encoding', () => {
  it.each(SOFTWARE)(
    '%s keeps to size, frame rate and keyframes, with sound and picture together',
    async (name) => {
      const source: Source = { kind: 'file', path: await clip('mp4') };
      const encode: Encode = { width: 160, fps: 10, kbitPerSecond: 200, keyframeSeconds: 1, preset: 'fast' };
      const { file, heard, said } = await encoded(source, encode, name, 4);
      expect(await decodeErrors(file)).toBe('');
      const { stdout } = await run('ffprobe', [
        '-v',
        'error',
        '-show_entries',
        'stream=width,height',
        '-of',
        'csv=p=0',
        '-select_streams',
        'v',
        file,
      ]);
      expect(stdout.trim()).toBe('160,90');
      const span = (said.video.pts.at(-1) ?? 0) - (said.video.pts[0] ?? 0);
      expect((said.video.pts.length - 1) / span).toBeCloseTo(10, 0);
      expect(heard.fragments.filter(({ key }) => key).length).toBeGreaterThanOrEqual(3);
      for (const offset of await soundOffsets(file)) expect(Math.abs(offset)).toBeLessThanOrEqual(130);
    },
  );

  it('draws a clock that agrees with the index within a second', async () => {
    const source: Source = { kind: 'file', path: await clip('mp4') };
    const overlay = { clock: '%H:%M:%S', position: 'top-left', fontSize: 24 } as const;
    const encode: Encode = { keyframeSeconds: 1, preset: 'balanced', overlay };
    const { heard, file } = await encoded(source, encode, 'x264enc', 4);
    // Half way between two flashes of the clip: black but for the clock.
    const seconds = 2.5;
    const seen = await picture(file, seconds);
    const indexMs = heard.anchor.wallMs - heard.anchor.mediaMs + seconds * 1000;
    const differences: number[] = [];
    for (let off = -4; off <= 4; off++) {
      differences.push(difference(seen, await drawn(clockAt(indexMs + off * 1000), 320, 180, 24)));
    }
    const best = differences.indexOf(Math.min(...differences)) - 4;
    expect(Math.abs(best)).toBeLessThanOrEqual(1);
    // The clock that is read is far nearer than any other.
    const sorted = [...differences].sort((a, b) => a - b);
    expect(sorted[0]).toBeLessThan((sorted[1] ?? 0) * 0.8);
  });

  it('draws text as it is, whatever is in it', async () => {
    const source: Source = { kind: 'file', path: await clip('mp4') };
    const overlay = { text: '<b>A&B', position: 'top-left', fontSize: 24 } as const;
    const { file } = await encoded(source, { keyframeSeconds: 1, preset: 'fast', overlay }, 'x264enc', 1);
    const seen = await picture(file, 0.5);
    const right = difference(seen, await drawn('&lt;b&gt;A&amp;B', 320, 180, 24));
    expect(right).toBeLessThan(difference(seen, await drawn('A&amp;B', 320, 180, 24)) / 2);
  });

  it('takes a codec that can’t be stored', async () => {
    const file = join(folder, 'vp9.mkv');
    const options = [
      '-c:v',
      'libvpx-vp9',
      '-deadline',
      'realtime',
      '-cpu-used',
      '8',
      '-b:v',
      '200k',
      '-c:a',
      'libopus',
    ];
    await run('ffmpeg', ['-v', 'error', '-i', await clip('mp4'), '-t', '4', ...options, file]);
    const found = await probe({ kind: 'file', path: file });
    expect(found).toMatchObject({
      ok: true,
      format: { video: { encodedFrom: 'video/x-vp9' }, audio: { codec: 'opus' } },
    });
    const result = await encoded(
      { kind: 'file', path: file },
      { keyframeSeconds: 1, preset: 'fast' },
      'x264enc',
      3,
    );
    expect(result.said.video.codec).toBe('h264');
    expect(result.said.audio?.codec).toBe('opus');
    for (const offset of await soundOffsets(result.file)) expect(Math.abs(offset)).toBeLessThanOrEqual(60);
  });
});
