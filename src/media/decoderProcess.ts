/**
 * The program of the decoder's process: runs the pipelines that it is told to, at a low priority, and tells how they
 * end. It is a process of its own so that pictures can neither crash the recorder nor keep it from its work; it ends
 * with the recorder.
 */
import '../inherited.ts';
import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { messageOf } from '../domain/errors.ts';
import type { BusMessage } from './busMessage.ts';
import type { FromDecoder, ToDecoder } from './decoderHost.ts';
import { pumpEvery, startGst } from './gst.ts';
import { Pipeline } from './pipeline.ts';
import { applySettings } from './plan.ts';

/** A tenth of the weight of the recorder’s threads, where both want a processor. */
const NICE = 10;
/** Out of memory, this process goes before any other of ours. */
const OOM_SCORE = '800';
/** Somebody waits for the end of nearly every pipeline here, and most take some 50 ms. */
const PUMP_MS = 4;
const TELL_MS = 1_000;

interface Running {
  readonly pipeline: Pipeline;
  readonly follow: string | null;
  readonly feed: number | null;
}

const running = new Map<number, Running>();

function tell(message: FromDecoder): void {
  // The recorder may be gone already.
  process.send?.(message, undefined, undefined, () => undefined);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function start({ id, plan, feed, follow }: Extract<ToDecoder, { type: 'start' }>): void {
  let opened: number | null = null;
  try {
    const pipeline = new Pipeline(plan.launch, (message) => hear(id, message));
    applySettings(pipeline, plan.settings);
    if (feed !== null) {
      opened = openSync(feed.path, constants.O_RDONLY);
      pipeline.set(feed.element, 'fd', opened);
    }
    running.set(id, { pipeline, follow, feed: opened });
    pipeline.play();
  } catch (thrown) {
    end(id, messageOf(thrown));
  }
}

function hear(id: number, message: BusMessage): void {
  if (message.type === 'eos') end(id, null);
  if (message.type === 'error') end(id, `${message.message} ${message.debug}`);
}

function end(id: number, failure: string | null): void {
  close(id);
  tell({ type: 'ended', id, failure, cpuSeconds: cpuSeconds() });
}

function close(id: number): void {
  const found = running.get(id);
  running.delete(id);
  found?.pipeline.close();
  if (found !== undefined && found.feed !== null) closeSync(found.feed);
}

function obey(message: ToDecoder): void {
  if (message.type === 'start') start(message);
  else {
    close(message.id);
    tell({ type: 'stopped', id: message.id });
  }
}

function tellPositions(): void {
  for (const [id, { pipeline, follow }] of running) {
    const ms = follow === null ? null : pipeline.positionMs(follow);
    if (ms !== null) tell({ type: 'position', id, ms });
  }
}

setPriority(NICE);
try {
  writeFileSync('/proc/self/oom_score_adj', OOM_SCORE);
} catch {
  // Not on this system, or not permitted: no more than a safety measure.
}
startGst([]);
pumpEvery(PUMP_MS);
process.on('message', obey);
process.on('disconnect', () => process.exit());
// The recorder ends it, when it has what it still waits for.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
setInterval(() => {
  tell({ type: 'cost', cpuSeconds: cpuSeconds() });
  tellPositions();
}, TELL_MS);
tell({ type: 'ready' });
