import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Source } from '../../src/domain/camera.ts';
import { runId } from '../../src/domain/ids.ts';
import type { StreamFormat } from '../../src/domain/media.ts';
import type { Anchor } from '../../src/domain/mediaClock.ts';
import type { Clock, EpochMs } from '../../src/domain/time.ts';
import type { Failure } from '../../src/media/causes.ts';
import { REQUIRED_ELEMENTS } from '../../src/media/elements.ts';
import { startGst } from '../../src/media/gst.ts';
import { StreamRun } from '../../src/media/run.ts';
import type { Fragment, InitSegment } from '../../src/mp4/types.ts';

startGst(REQUIRED_ELEMENTS);
const folder = mkdtempSync(join(tmpdir(), 'nightjar-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const clock: Clock = { now: () => Date.now() as EpochMs, monotonic: () => performance.now() };
const PATTERN: Source = { kind: 'test', width: 320, height: 180, fps: 25 };
const FORMAT: StreamFormat = { video: { codec: 'h264', width: 320, height: 180, fps: 25 }, audio: null };

/** Everything a run said. */
class Heard {
  init: InitSegment | undefined;
  anchor: Anchor | undefined;
  readonly fragments: Fragment[] = [];
  readonly ended: Promise<Failure | null>;
  #resolve: (failure: Failure | null) => void = () => {};

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  onBegin(init: InitSegment, anchor: Anchor): void {
    this.init = init;
    this.anchor = anchor;
  }
  onFragment(fragment: Fragment): void {
    this.fragments.push(fragment);
  }
  onEnd(failure: Failure | null): void {
    this.#resolve(failure);
  }
}

async function open(heard: Heard, source = PATTERN, format = FORMAT): Promise<StreamRun> {
  const id = runId(randomUUID());
  const options = { runId: id, source, format, runtimeDir: folder, fragmentMs: 250, queueMs: 5_000, clock };
  return await StreamRun.open(options, heard);
}

async function fragments(heard: Heard, count: number): Promise<void> {
  const started = performance.now();
  while (heard.fragments.length < count) {
    if (performance.now() - started > 10_000)
      throw new Error(`only ${heard.fragments.length} fragments came`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a run', () => {
  it('delivers an init segment, an anchor and continuous fragments that begin with a keyframe', async () => {
    const heard = new Heard();
    const before = Date.now();
    const run = await open(heard);
    await fragments(heard, 12);
    await run.end();
    expect(await heard.ended).toBeNull();
    expect(heard.init).toMatchObject({
      codecs: expect.stringMatching(/^avc1\./),
      video: { width: 320, height: 180 },
    });
    expect(heard.anchor?.wallMs).toBeGreaterThanOrEqual(before);
    expect(heard.fragments[0]).toMatchObject({ key: true, startTicks: 0, sequence: 1 });
    for (const [i, fragment] of heard.fragments.entries()) {
      const next = heard.fragments[i + 1];
      if (next) expect(next.startTicks).toBe(fragment.startTicks + fragment.durationTicks);
      expect(fragment.durationTicks).toBeLessThanOrEqual(45_000);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('ends with everything that was muxed, although the end comes between two fragments', async () => {
    const heard = new Heard();
    const run = await open(heard);
    await fragments(heard, 2);
    const wall = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 130));
    await run.end();
    const frames = heard.fragments.reduce((sum, fragment) => sum + fragment.frames, 0);
    expect(performance.now() - wall).toBeLessThan(1_500);
    expect(heard.fragments.length).toBeGreaterThanOrEqual(3);
    expect(frames).toBeGreaterThanOrEqual(14);
  });

  it('reports an unreachable camera', async () => {
    const heard = new Heard();
    const nowhere: Source = { kind: 'rtsp', url: 'rtsp://127.0.0.1:9/x', transport: 'tcp' };
    await open(heard, nowhere);
    expect(await heard.ended).toMatchObject({ cause: 'unreachable' });
    expect(heard.fragments).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });
});
