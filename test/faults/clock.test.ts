/**
 * The wall clock of the machine is set while the real recorder runs. The recorder gets its own one by libfaketime
 * (Debian: libfaketime), which follows a file; its steady clock and everybody else's clocks stay as they are.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GapList, RecordingList, SegmentList } from '../../src/http/wire/archive.ts';
import type { EventView } from '../../src/http/wire/event.ts';
import { AUTHORIZATION, eventually } from '../support/recorder.ts';
import { checkStamps, readStamps } from '../support/rtsp/stamps.ts';
import { allRecording, check, type Fleet, SAME, startFleet } from './fleet.ts';

/** Debian has a folder for each architecture. */
const library = readdirSync('/usr/lib')
  .map((folder) => path.join('/usr/lib', folder, 'faketime', 'libfaketimeMT.so.1'))
  .find((file) => existsSync(file));
const HOUR_S = 3_600;
const YEAR_S = 365 * 86_400;

describe.skipIf(library === undefined)(
  `the wall clock ${library === undefined ? '(skipped: libfaketime is not installed)' : ''}`,
  () => {
    let folder: string;
    let fleet: Fleet;
    /** Seconds by which the recorder's wall clock is ahead of ours. */
    let aheadS = 0;

    /** The recorder's clock follows within a second. */
    async function setClock(seconds: number): Promise<void> {
      aheadS = seconds;
      writeFileSync(path.join(folder, 'offset'), `${seconds < 0 ? '' : '+'}${seconds}`);
      await eventually(
        'the clock is set',
        async () => Math.abs((await now()) - Date.now() - seconds * 1000) < 5_000,
      );
    }
    async function now(): Promise<number> {
      return (await fleet.recorder.get<{ nowMs: number }>('/system')).nowMs;
    }

    beforeEach(async () => {
      folder = mkdtempSync(path.join(os.tmpdir(), 'nightjar-clock-'));
      const file = path.join(folder, 'offset');
      writeFileSync(file, '+0');
      fleet = await startFleet(
        2,
        {},
        {
          LD_PRELOAD: library ?? '',
          ...{
            FAKETIME_TIMESTAMP_FILE: file,
            FAKETIME_CACHE_DURATION: '1',
            FAKETIME_DONT_FAKE_MONOTONIC: '1',
          },
          NO_FAKE_STAT: '1',
        },
      );
      aheadS = 0;
      await allRecording(fleet);
    });
    afterEach(async () => {
      await fleet?.recorder.discard();
      await fleet?.server.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const around = (seconds: number) => {
      const ms = Date.now() + seconds * 1000;
      return `start=${ms - 2 * HOUR_S * 1000}&end=${ms + 2 * HOUR_S * 1000}`;
    };
    const gaps = async (id: string, seconds = 0) =>
      (await fleet.recorder.get<GapList>(`/cameras/${id}/gaps?${around(seconds)}`)).gaps;

    /** What is lost of a camera, over all its segments in the order in which they were recorded. */
    async function found(id: string, times: readonly number[]) {
      const ids = new Set<number>();
      for (const seconds of times) {
        const url = `/cameras/${id}/segments?${around(seconds)}&limit=1000`;
        for (const segment of (await fleet.recorder.get<SegmentList>(url)).segments) ids.add(segment.id);
      }
      const files: string[] = [];
      for (const segment of [...ids].sort((a, b) => a - b)) {
        const url = `${fleet.recorder.address}/api/v1/segments/${segment}/file.mp4`;
        const answer = await fetch(url, { headers: { authorization: AUTHORIZATION } });
        const file = path.join(folder, `${id}-${segment}.mp4`);
        writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
        files.push(file);
      }
      const { lost, doubled, backward } = checkStamps(await readStamps(files));
      return { lost, doubled, backward };
    }

    const WHOLE = { lost: 0, doubled: 0, backward: 0 };

    test('is set forward and back by hours: no frame is lost or doubled, and there is no gap', async () => {
      const { recorder, ids } = fleet;
      await delay(4_000);
      const before = (await Promise.all(ids.map((id) => gaps(id)))).flat().length;
      for (const seconds of [HOUR_S, -HOUR_S, 0]) {
        await setClock(seconds);
        await delay(9_000);
      }
      for (const id of ids) {
        expect(await found(id, [0])).toEqual(WHOLE);
        const { recordings } = await recorder.get<{ recordings: readonly { startMs: number }[] }>(
          `/cameras/${id}/recordings?${around(0)}`,
        );
        expect(recordings.length).toBe(4);
      }
      expect((await Promise.all(ids.map((id) => gaps(id)))).flat().length).toBe(before);
      await recorder.stop();
      expect(await check(recorder)).toEqual(SAME);
    });

    test.each([HOUR_S, -HOUR_S])(
      'is set by %d s during an outage: its gaps are as long as it was',
      async (seconds) => {
        const { server, recorder, ids } = fleet;
        await delay(3_000);
        const before = await Promise.all(ids.map((id) => gaps(id)));
        await server.kill();
        const diedMs = Date.now();
        await recorder.until(ids[0] ?? '', 'is missed', ({ status }) => status.recording.state === 'waiting');
        await delay(2_000);
        await setClock(seconds);
        await delay(2_000);
        await server.restart();
        await allRecording(fleet);
        const outageMs = Date.now() - diedMs;
        for (const [index, id] of ids.entries()) {
          const told = (await gaps(id)).slice(0);
          const missed = told.reduce((sum, { startMs, endMs }) => sum + ((endMs ?? startMs) - startMs), 0);
          const usual = (before[index] ?? []).reduce(
            (sum, { startMs, endMs }) => sum + ((endMs ?? startMs) - startMs),
            0,
          );
          expect(Math.abs(missed - usual - outageMs)).toBeLessThan(3_000);
          expect(told.length - (before[index]?.length ?? 0)).toBe(2);
        }
      },
    );

    test('is wrong at the start and put right later: footage of both is there, and the downtime is a gap', async () => {
      const { recorder, ids } = fleet;
      await delay(3_000);
      await recorder.stop();
      const stoppedMs = Date.now();
      writeFileSync(path.join(folder, 'offset'), `-${YEAR_S}`);
      const startingMs = Date.now();
      await recorder.start();
      await allRecording(fleet);
      const startedMs = Date.now();
      await delay(6_000);
      await setClock(0);
      await delay(6_000);
      expect(aheadS).toBe(0);
      const { events } = await recorder.get<{ events: readonly EventView[] }>('/events?kinds=clock');
      const offsets = events.map(({ data: { offsetMs } }) => Math.round(Number(offsetMs) / 1000 / YEAR_S));
      // Newest first: put right; and found wrong at the start, on a machine that ran on.
      expect(offsets).toEqual([1, -1]);
      for (const id of ids) {
        const off = async (seconds: number) =>
          (await recorder.get<RecordingList>(`/cameras/${id}/recordings?${around(seconds)}`)).recordings.map(
            ({ clockOffsetMs }) => Math.round(clockOffsetMs / 1000 / YEAR_S),
          );
        expect(new Set(await off(-YEAR_S))).toEqual(new Set([1]));
        expect(new Set(await off(0))).toEqual(new Set([0]));
        const down = (await gaps(id)).find(({ cause }) => cause === 'shutdown');
        expect(Math.abs((down?.startMs ?? 0) - stoppedMs)).toBeLessThan(5_000);
        expect(down?.endMs).toBeGreaterThan(startingMs);
        expect(down?.endMs).toBeLessThan(startedMs + 2_000);
        const wrong = (await recorder.get<SegmentList>(`/cameras/${id}/segments?${around(-YEAR_S)}`))
          .segments;
        expect(wrong.length).toBeGreaterThan(0);
        // Of the second life: one without a pause.
        const { lost, doubled, backward } = await found(id, [-YEAR_S]);
        expect({ lost, doubled, backward }).toEqual(WHOLE);
      }
      await recorder.stop();
      expect(await check(recorder)).toEqual(SAME);
    });
  },
);
