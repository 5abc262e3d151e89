/** What a closed pipeline leaves behind: nothing that the garbage collector can't take. */
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { startGst } from '../../src/media/gst.ts';
import { Pipeline } from '../../src/media/pipeline.ts';

const PIPELINES = 5;
const ROUNDS = 50;

/** Plays and closes pipelines; no reference to them is left when it has returned. */
async function closedPipelines(): Promise<WeakRef<Pipeline>[]> {
  const closed: WeakRef<Pipeline>[] = [];
  for (let count = 0; count < PIPELINES; count++) {
    const pipeline = new Pipeline(
      'fakesrc is-live=true format=time ! identity name=video silent=false ! fakesink',
      () => {},
    );
    pipeline.watchFirstBuffer('video');
    pipeline.play();
    await delay(20);
    pipeline.close();
    closed.push(new WeakRef(pipeline));
  }
  return closed;
}

test('closed pipelines are collected', async () => {
  startGst([]);
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const closed = await closedPipelines();
  let left = closed.length;
  for (let round = 0; round < ROUNDS && left > 0; round++) {
    await delay(20);
    collectGarbage();
    left = closed.filter((pipeline) => pipeline.deref() !== undefined).length;
  }
  expect(left).toBe(0);
});
