/** How soon a recorder that is started records everything it knows. */
import { startCameras } from './cameras.ts';
import { rounded, type Scenario } from './scenario.ts';
import { median } from './statistics.ts';
import { startNightjar, untilRecording } from './subjects.ts';

export const start: Scenario = {
  describes: 'from the start of the process until every camera is recorded',
  async run({ cameras: counts, repeat }, say) {
    const rows = [];
    for (const count of counts) {
      const cameras = await startCameras(count);
      try {
        const recorder = await startNightjar(cameras.list);
        try {
          const serving: number[] = [];
          const recording: number[] = [];
          for (let round = 0; round < repeat; round++) {
            await recorder.stop();
            const begun = performance.now();
            serving.push(await recorder.start());
            await untilRecording(recorder, count);
            recording.push(performance.now() - begun);
            say(`${count} cameras record after ${rounded(recording.at(-1) ?? 0)} ms`);
          }
          rows.push({
            cameras: count,
            'serves after ms': rounded(median(serving)),
            'all record after ms': rounded(median(recording)),
            'worst ms': rounded(Math.max(...recording)),
          });
        } finally {
          await recorder.discard();
        }
      } finally {
        await cameras.server.close();
      }
    }
    return [{ title: 'start', rows }];
  },
};
