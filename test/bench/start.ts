/** How soon a recorder that is started records everything it knows. */
import type { CameraList } from '../../src/http/wire/camera.ts';
import type { Recorder } from '../support/recorder.ts';
import { startCameras } from './cameras.ts';
import { rounded, type Scenario } from './scenario.ts';
import { median } from './statistics.ts';
import { startNightjar, untilRecording } from './subjects.ts';

/** Since when the last of the cameras is recorded, by the recorder's word: it records before it can be asked. */
async function recordingSinceMs(recorder: Recorder): Promise<number> {
  const { cameras } = await recorder.get<CameraList>('/cameras');
  return Math.max(...cameras.map(({ status }) => status.recording.sinceMs));
}

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
            const begunMs = Date.now();
            serving.push(await recorder.start());
            await untilRecording(recorder, count);
            recording.push((await recordingSinceMs(recorder)) - begunMs);
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
