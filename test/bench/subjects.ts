/**
 * What is measured: here the recorder, in `peers.ts` what a user would run instead on the same cameras. Each is started
 * in a folder of its own, and is asked for nothing but its process ids and its files.
 */
import type { CameraList } from '../../src/http/wire/camera.ts';
import { filesOf } from '../support/recorded.ts';
import { AUTHORIZATION, eventually, type Recorder, startRecorder } from '../support/recorder.ts';
import type { Camera } from './cameras.ts';

/** One subject while it records. */
export interface Recording {
  /** Roots of its process trees. */
  readonly pids: readonly number[];
  /** Ends it as its user would, so that its files are whole. Idempotent. */
  stop(): Promise<void>;
  /** Paths of the recorded files of a camera, oldest first. */
  files(camera: Camera): readonly string[];
  /** 99th percentile of the event loop's delay since this was last asked, in milliseconds; null without a loop. */
  loopDelayMs(): Promise<number | null>;
  /** Ends it at once if it runs, and deletes its folder. */
  discard(): Promise<void>;
}

export interface Subject {
  readonly name: string;
  /** Cameras above which it is left out, because it would only thrash; absent means none. */
  readonly most?: number;
  /** Resolves when all cameras are being recorded. */
  start(cameras: readonly Camera[]): Promise<Recording>;
}

export const RECORDING_LIMIT_MS = 60_000;
/** As long as a segment of the recorder lasts by default. */
export const SEGMENT_SECONDS = '60';

/** This project. */
export const nightjar: Subject = {
  name: 'nightjar',
  async start(cameras) {
    return recordingOf(await startNightjar(cameras));
  },
};

/** The same without what no peer makes. */
export const nightjarAlone: Subject = {
  name: 'nightjar without thumbnails',
  async start(cameras) {
    return recordingOf(await startNightjar(cameras, { PREVIEW_CPU_PERCENT: '0' }));
  },
};

/** As a user would start it: with the length of segments that is the default. */
export function startEmpty(settings: Readonly<Record<string, string>> = {}): Promise<Recorder> {
  return startRecorder({ settings: { SEGMENT_SECONDS, LOG_LEVEL: 'warn', ...settings } });
}

/** Starts the recorder with these cameras and waits until it records all of them. */
export async function startNightjar(
  cameras: readonly Camera[],
  settings: Readonly<Record<string, string>> = {},
): Promise<Recorder> {
  const recorder = await startEmpty(settings);
  try {
    await Promise.all(
      cameras.map(({ id, url }) => recorder.add({ id, name: id, source: { kind: 'rtsp', url } })),
    );
    await untilRecording(recorder, cameras.length);
    return recorder;
  } catch (thrown) {
    await recorder.discard();
    throw thrown;
  }
}

/** Waits until exactly that many cameras are in the state `recording`. */
export async function untilRecording(recorder: Recorder, count: number): Promise<void> {
  const isSo = async () => (await countRecording(recorder)) === count;
  await eventually(`${count} cameras are recorded`, isSo, RECORDING_LIMIT_MS);
}

async function countRecording(recorder: Recorder): Promise<number> {
  const { cameras } = await recorder.get<CameraList>('/cameras');
  return cameras.filter(({ status }) => status.recording.state === 'recording').length;
}

/** The recorder's own metric; it counts from one reading to the next. */
export async function loopDelayMs(recorder: Recorder): Promise<number> {
  const response = await fetch(`${recorder.address}/metrics`, { headers: { authorization: AUTHORIZATION } });
  const seconds = /^nightjar_event_loop_delay_p99_seconds (\S+)$/m.exec(await response.text())?.[1];
  return Number(seconds) * 1000;
}

export function recordingOf(recorder: Recorder): Recording {
  let running = true;
  return {
    pids: [recorder.pid],
    files: ({ id }) => filesOf(recorder, id),
    loopDelayMs: () => loopDelayMs(recorder),
    async stop() {
      if (running) await recorder.stop();
      running = false;
    },
    discard: () => recorder.discard(),
  };
}
