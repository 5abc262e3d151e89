/** Four cameras through the real recorder: what it wrote is complete, in order, timely, and readable by others. */
import { statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SegmentView } from '../../src/http/wire/archive.ts';
import { decodeErrors, ffprobe } from '../support/ffprobe.ts';
import { fileOf, filesOf, stampsOf } from '../support/recorded.ts';
import { type Ended, eventually, type Recorder, startRecorder } from '../support/recorder.ts';
import { type SpawnedRtspServer, spawnRtspServer } from '../support/rtsp/process.ts';
import { checkStamps, readStamps } from '../support/rtsp/stamps.ts';

const LOGIN = { username: 'vera', password: 'p@#%:/ "x한글' };
const SEGMENTS = 4;

/** [id, codec of the video, codec of the sound] */
const CAMERAS = [
  ['digest', 'h264', 'aac'],
  ['hevc', 'hevc', 'aac'],
  ['bframes', 'h264', null],
  ['sub', 'h264', null],
] as const;

describe('four cameras are recorded', () => {
  const servers: SpawnedRtspServer[] = [];
  let recorder: Recorder;
  let stopped: Ended;
  /** Of each camera, as the API told them before and after the recorder was stopped. */
  const before = new Map<string, readonly SegmentView[]>();
  const after = new Map<string, readonly SegmentView[]>();

  beforeAll(async () => {
    const guarded = await spawnRtspServer({
      stamp: true,
      auth: { scheme: 'digest', ...LOGIN },
      cameras: [{ path: 'digest', video: 'h264', audio: 'aac' }],
    });
    const open = await spawnRtspServer({
      stamp: true,
      cameras: [
        { path: 'hevc', video: 'h265', audio: 'pcma' },
        { path: 'bframes', video: 'h264-bframes' },
        { path: 'sub', video: 'sub' },
      ],
    });
    servers.push(guarded, open);
    recorder = await startRecorder();
    await recorder.add({
      id: 'digest',
      name: 'Digest',
      source: { kind: 'rtsp', url: guarded.url('digest', LOGIN) },
    });
    for (const id of ['hevc', 'bframes', 'sub']) {
      await recorder.add({ id, name: id, source: { kind: 'rtsp', url: open.url(id) } });
    }
    for (const [id] of CAMERAS) await eventuallyWritten(id);
    for (const [id] of CAMERAS) before.set(id, await recorder.segments(id));
    stopped = await recorder.stop();
    await recorder.start();
    for (const [id] of CAMERAS) after.set(id, await recorder.segments(id));
    await recorder.stop();
  });

  afterAll(async () => {
    await recorder?.discard();
    for (const server of servers) await server.close();
  });

  /** Waits until a camera's last but one file is closed, so that there are borders to look at. */
  async function eventuallyWritten(id: string): Promise<void> {
    await eventually(
      `${SEGMENTS} segments of ${id}`,
      async () => (await recorder.segments(id)).length >= SEGMENTS,
      60_000,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${recorder.log}`);
    });
  }

  /** The segments written before the stop, as they are in the index after it. */
  function segmentsOf(id: string): readonly SegmentView[] {
    const last = before.get(id)?.at(-1)?.startMs ?? 0;
    return (after.get(id) ?? []).filter(({ startMs }) => startMs <= last);
  }

  const files = (id: string) => segmentsOf(id).map((segment) => fileOf(recorder, id, segment));

  test('SIGTERM ends it cleanly and soon', () => {
    expect(stopped).toMatchObject({ code: 0, stderr: '' });
    expect(stopped.afterMs).toBeLessThan(5_000);
  });

  describe.each(CAMERAS)('%s', (id, video, audio) => {
    test('the index knows every file as it is on the disk', () => {
      const indexed = segmentsOf(id);
      expect(indexed.length).toBeGreaterThanOrEqual(SEGMENTS);
      expect(indexed.every(({ open }) => !open)).toBe(true);
      expect(indexed.map(({ bytes }) => bytes)).toEqual(files(id).map((file) => statSync(file).size));
      const known = new Set((after.get(id) ?? []).map((segment) => fileOf(recorder, id, segment)));
      const others = filesOf(recorder, id).filter((file) => !known.has(file));
      // What the second start recorded after it was asked.
      const last = files(id).at(-1) ?? '';
      expect(others.filter((file) => file < last)).toEqual([]);
      expect(recorder.log).not.toMatch(/"level":(50|60)/);
    });

    test('no frame is lost or doubled, across all borders', async () => {
      const stamps = await readStamps(files(id));
      expect(checkStamps(stamps)).toMatchObject({ lost: 0, doubled: 0, backward: 0 });
      expect(stamps.length).toBe(segmentsOf(id).reduce((sum, { frames }) => sum + frames, 0));
    });

    test('times agree with when frames were sent', async () => {
      const late: number[] = [];
      for (const segment of segmentsOf(id)) {
        const stamps = await readStamps(fileOf(recorder, id, segment));
        late.push(segment.startMs - (stamps[0]?.sentMs ?? 0));
      }
      expect(Math.max(...late.map(Math.abs)), `late by ${late}`).toBeLessThan(300);
    });

    test('segments follow each other', () => {
      const holes = segmentsOf(id)
        .slice(1)
        .map(({ startMs }, index) => startMs - (segmentsOf(id)[index]?.endMs ?? 0));
      expect(Math.max(...holes.map(Math.abs)), `holes of ${holes}`).toBeLessThanOrEqual(2);
    });

    test('every file plays on its own, in other programs too', async () => {
      for (const [index, file] of files(id).entries()) {
        const probed = await ffprobe(file);
        const { startMs, endMs, frames } = segmentsOf(id)[index] ?? { startMs: 0, endMs: 0, frames: 0 };
        expect(probed.errors, file).toBe('');
        expect(probed.video.codec).toBe(video);
        expect(probed.audio?.codec ?? null).toBe(audio);
        expect(probed.video.pts).toHaveLength(frames);
        const { pts, dts } = probed.video;
        // The index speaks of the picture, to the end of the last frame, of 40 ms at most; a camera's clock jitters by 20 ms.
        const lastedMs = (Math.max(...pts) - Math.min(...pts)) * 1000;
        expect(endMs - startMs - lastedMs).toBeGreaterThan(0);
        expect(endMs - startMs - lastedMs).toBeLessThan(100);
        // Sound begins and ends within a frame of it, of 128 ms at 8 kHz.
        expect(Math.abs(probed.durationS * 1000 - (endMs - startMs))).toBeLessThan(256);
        expect(dts.every((time, at) => at === 0 || time > (dts[at - 1] ?? 0))).toBe(true);
        expect(new Set(pts).size).toBe(pts.length);
        if (probed.audio !== null) {
          expect(Math.abs((probed.audio.pts[0] ?? 9) - (pts[0] ?? 0))).toBeLessThan(0.1);
        }
        expect(await decodeErrors(file), file).toBe('');
      }
    });
  });

  test('after the restart all of them record again', async () => {
    for (const [id] of CAMERAS) {
      const stamps = await stampsOf(recorder, id);
      expect(checkStamps(stamps)).toMatchObject({ doubled: 0, backward: 0 });
    }
  });
});
