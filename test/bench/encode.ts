/**
 * How soon the API answers while encoders take all the processor there is: 1080p cameras that are all encoded anew, and
 * a client that asks for what a dashboard asks for, one question after the other.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { AUTHORIZATION, type Recorder } from '../support/recorder.ts';
import { type Camera, startCameras } from './cameras.ts';
import { cpuPercent, snapshot } from './processes.ts';
import { rounded, type Scenario } from './scenario.ts';
import { quantile } from './statistics.ts';
import { loopDelayMs, startEmpty, untilRecording } from './subjects.ts';

const QUESTIONS = ['/cameras', '/system', '/viewers', '/storage', '/encoders'] as const;
const PAUSE_MS = 20;
const OVERLAY = { clock: '%H:%M:%S', position: 'top-left', fontSize: 20 } as const;

export const encode: Scenario = {
  describes: 'answers of the API while every camera is encoded anew and the processor is full',
  defaults: { cameras: [4], settle: 10, measure: 20 },
  async run({ cameras: counts, settle, measure }, say) {
    const rows = [];
    for (const count of counts) {
      say(`${count} cameras, encoded`);
      rows.push(await measureOne(count, settle, measure));
    }
    return [{ title: 'the API beside saturated encoders', rows }];
  },
};

async function measureOne(count: number, settle: number, seconds: number) {
  const cameras = await startCameras(count);
  const recorder = await startEmpty();
  try {
    await Promise.all(cameras.list.map((camera) => addEncoded(recorder, camera)));
    await untilRecording(recorder, count);
    await delay(settle * 1000);
    await loopDelayMs(recorder);
    const before = snapshot([recorder.pid]);
    const tookMs = await ask(recorder, seconds);
    const after = snapshot([recorder.pid]);
    return {
      cameras: count,
      'CPU %': rounded(cpuPercent(before, after)),
      answers: tookMs.length,
      'p50 ms': rounded(quantile(tookMs, 0.5), 1),
      'p95 ms': rounded(quantile(tookMs, 0.95), 1),
      'p99 ms': rounded(quantile(tookMs, 0.99), 1),
      'worst ms': rounded(Math.max(...tookMs), 1),
      'loop p99 ms': rounded(await loopDelayMs(recorder), 1),
    };
  } finally {
    await recorder.discard();
    await cameras.server.close();
  }
}

async function addEncoded(recorder: Recorder, { id, url }: Camera): Promise<void> {
  await recorder.add({
    ...{ id, name: id, source: { kind: 'rtsp', url } },
    encode: { preset: 'balanced', overlay: OVERLAY },
  });
}

async function ask({ address }: Recorder, seconds: number): Promise<number[]> {
  const tookMs: number[] = [];
  const until = performance.now() + seconds * 1000;
  for (let index = 0; performance.now() < until; index++) {
    const asked = performance.now();
    const question = QUESTIONS[index % QUESTIONS.length];
    const answer = await fetch(`${address}/api/v1${question}`, { headers: { authorization: AUTHORIZATION } });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${question} answers ${answer.status}`);
    tookMs.push(performance.now() - asked);
    await delay(PAUSE_MS);
  }
  return tookMs;
}
