/** Recording while people look: nine live viewers and a dashboard that asks for the cameras every two seconds. */
import { setTimeout as delay } from 'node:timers/promises';
import { startCameras } from './cameras.ts';
import { mebibytes, rounded, type Scenario } from './scenario.ts';
import { quantile, sum } from './statistics.ts';
import { recordingOf, startNightjar } from './subjects.ts';
import { framesOf, measure } from './trial.ts';
import { Viewer } from './viewer.ts';

const VIEWERS = 9;
const POLL_MS = 2_000;

export const watch: Scenario = {
  describes: 'recording with nine live viewers and a polling dashboard: CPU, event loop, latency',
  async run({ cameras: counts, settle, measure: seconds }, say) {
    const count = Math.max(...counts);
    const cameras = await startCameras(count);
    const recorder = await startNightjar(cameras.list).catch(async (thrown: unknown) => {
      await cameras.server.close();
      throw thrown;
    });
    const recording = recordingOf(recorder);
    const stop = new AbortController();
    const viewers: Viewer[] = [];
    try {
      for (const { id } of cameras.list.slice(0, VIEWERS)) viewers.push(new Viewer(recorder, id));
      const answersMs = poll(() => recorder.get('/cameras'), stop.signal);
      say(`${count} cameras, ${viewers.length} viewers`);
      const costs = await measure(recording, { settle, measure: seconds });
      stop.abort();
      for (const viewer of viewers) viewer.close();
      await recording.stop();
      const frames = await framesOf(recording, cameras.list);
      const delays = viewers.flatMap((viewer) => viewer.delaysMs);
      const first = viewers.flatMap(({ firstPictureMs }) => firstPictureMs ?? []);
      const row = {
        'CPU %': rounded(costs.cpuPercent, 1),
        'PSS MiB': mebibytes(costs.pssBytes),
        'loop p99 ms': rounded(costs.loopDelayMs ?? Number.NaN, 1),
        frames: frames.onDisk,
        lost: frames.lost,
        viewed: delays.length,
        'live p50 ms': rounded(quantile(delays, 0.5)),
        'live p95 ms': rounded(quantile(delays, 0.95)),
        'first picture max ms': rounded(Math.max(...first)),
        skipped: sum(viewers.map(({ skipped }) => skipped)),
        'GET /cameras p95 ms': rounded(quantile(await answersMs, 0.95), 1),
      };
      return [{ title: `record ${count} cameras, ${viewers.length} live viewers, polling`, rows: [row] }];
    } finally {
      stop.abort();
      for (const viewer of viewers) viewer.close();
      await recording.discard();
      await cameras.server.close();
    }
  },
};

/** Asks again and again until told to stop, and gives how long each answer took, in milliseconds. */
async function poll(ask: () => Promise<unknown>, stop: AbortSignal): Promise<number[]> {
  const tookMs: number[] = [];
  while (!stop.aborted) {
    const asked = performance.now();
    await ask();
    tookMs.push(performance.now() - asked);
    await delay(POLL_MS, undefined, { signal: stop }).catch(() => undefined);
  }
  return tookMs;
}
