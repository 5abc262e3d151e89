/** What trouble leaves behind: all cameras gone at once, one after the other again and again, and time itself. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Recorder } from '../support/recorder.ts';
import { type Cameras, startCameras } from './cameras.ts';
import { snapshot } from './processes.ts';
import { type Cell, mebibytes, rounded, type Scenario, type Settings, type Table } from './scenario.ts';
import { slope } from './statistics.ts';
import { startNightjar, untilRecording } from './subjects.ts';

const DOWN_MS = 5_000;
const FLAPS = 1_000;
const LOOKS = 5;
const SOAK_LOOK_MS = 30_000;

type Row = Readonly<Record<string, Cell>>;

export const storm: Scenario = {
  describes: 'all cameras drop and return: how soon all are recorded again, and what is left behind',
  run: (settings, say) =>
    withRecorder(settings, async ({ server }, recorder, count) => {
      const rows: Row[] = [];
      for (let round = 0; round <= settings.repeat; round++) {
        let tookMs: number | null = null;
        if (round > 0) {
          await server.fault({ kind: 'down' });
          await untilRecording(recorder, 0);
          await delay(DOWN_MS);
          await server.fault({ kind: 'up' });
          const returned = performance.now();
          await untilRecording(recorder, count);
          tookMs = rounded(performance.now() - returned);
          say(`storm ${round}: all record after ${tookMs} ms`);
        }
        await delay(settings.settle * 1000);
        rows.push({ storm: round, 'all record after ms': tookMs, ...leftovers(recorder) });
      }
      return [{ title: `storms of ${count} cameras`, rows }];
    }),
};

export const flaps: Scenario = {
  describes: '1,000 times a camera breaks off and comes back: descriptors, threads and memory',
  run: (settings, say) =>
    withRecorder(settings, async (cameras, recorder, count) => {
      const rows: Row[] = [];
      const flapsOf = (camera: number, look: number) => {
        const upTo = (flaps: number) => Math.floor((flaps + count - 1 - camera) / count);
        return upTo((look * FLAPS) / LOOKS) - upTo(((look - 1) * FLAPS) / LOOKS);
      };
      for (let look = 0; look <= LOOKS; look++) {
        const all = cameras.list.map(async ({ id }, camera) => {
          for (let flap = 0; look > 0 && flap < flapsOf(camera, look); flap++)
            await flapOnce(cameras, recorder, id);
        });
        await Promise.all(all);
        await untilRecording(recorder, count);
        await delay(settings.settle * 1000);
        rows.push({ flaps: (look * FLAPS) / LOOKS, ...leftovers(recorder) });
        say(`${(look * FLAPS) / LOOKS} flaps`);
      }
      return [{ title: `flaps of ${count} cameras`, rows }];
    }),
};

/** Breaks a camera's connection; turning it off and on again spares the wait that a camera that fails earns. */
async function flapOnce({ server }: Cameras, recorder: Recorder, id: string): Promise<void> {
  await server.fault({ kind: 'reset' }, id);
  await recorder.change(id, { enabled: false });
  await recorder.change(id, { enabled: true });
  await recorder.recording(id, 60_000);
}

export const soak: Scenario = {
  describes: 'hours of recording: slopes of memory, descriptors and threads in the second half',
  run: (settings, say) =>
    withRecorder(settings, async (_, recorder, count) => {
      const points: { readonly hours: number; readonly left: ReturnType<typeof leftovers> }[] = [];
      const begun = performance.now();
      await delay(settings.settle * 1000);
      for (let hours = 0; hours < settings.hours; hours = (performance.now() - begun) / 3_600_000) {
        points.push({ hours, left: leftovers(recorder) });
        await delay(Math.min(SOAK_LOOK_MS, (settings.hours * 3_600_000) / LOOKS));
        if (points.length % 20 === 0) say(`${hours.toFixed(2)} h: ${JSON.stringify(points.at(-1)?.left)}`);
      }
      // In the first half caches fill, and the timeline's first levels.
      const settled = points.slice(Math.floor(points.length / 2));
      const perHour = (key: 'PSS MiB' | 'fds' | 'threads') =>
        rounded(slope(settled.map(({ hours, left }) => [hours, left[key]] as const)), 2);
      const row = {
        hours: settings.hours,
        ...points.at(-1)?.left,
        'PSS MiB/h': perHour('PSS MiB'),
        'fds/h': perHour('fds'),
        'threads/h': perHour('threads'),
      };
      return [{ title: `soak with ${count} cameras`, rows: [row] }];
    }),
};

function leftovers(recorder: Recorder) {
  const { pssBytes, threads, descriptors } = snapshot([recorder.pid]);
  return { 'PSS MiB': mebibytes(pssBytes), fds: descriptors, threads };
}

/** Runs with the largest number of cameras that was asked for, all of them recorded. */
async function withRecorder(
  { cameras: counts }: Settings,
  work: (cameras: Cameras, recorder: Recorder, count: number) => Promise<readonly Table[]>,
): Promise<readonly Table[]> {
  const count = Math.max(...counts);
  const cameras = await startCameras(count);
  try {
    const recorder = await startNightjar(cameras.list);
    try {
      return await work(cameras, recorder, count);
    } finally {
      await recorder.discard();
    }
  } finally {
    await cameras.server.close();
  }
}
