/** One measurement of one subject over a stretch of time, and what of several the report says. */
import { setTimeout as delay } from 'node:timers/promises';
import { checkStamps, readStamps } from '../support/rtsp/stamps.ts';
import type { Camera } from './cameras.ts';
import { cpuPercent, snapshot, switchesPerSecond } from './processes.ts';
import { median, sum } from './statistics.ts';
import type { Recording } from './subjects.ts';

/** What is measured of a subject; counts are those at the end. */
export interface Costs {
  /** User and system time of the whole process tree, in percent of one core. */
  readonly cpuPercent: number;
  readonly pssBytes: number;
  readonly threads: number;
  readonly descriptors: number;
  readonly switchesPerSecond: number;
  /** 99th percentile; null for a subject without an event loop. */
  readonly loopDelayMs: number | null;
}

/** The frames of all cameras, by the stamps in the recorded files. */
export interface Frames {
  readonly onDisk: number;
  /** Sent between the first and the last on the disk, and not there. */
  readonly lost: number;
  readonly doubled: number;
}

export interface Stretch {
  /** How long everything runs before the measurement, and the measurement itself; seconds. */
  readonly settle: number;
  readonly measure: number;
}

/** Memory is read several times, because it goes up and down with garbage collection. */
const MEMORY_READINGS = 5;

/** Measures processes that are doing their work. */
export async function measure(recording: Recording, { settle, measure }: Stretch): Promise<Costs> {
  await delay(settle * 1000);
  await recording.loopDelayMs();
  const before = snapshot(recording.pids);
  const memory: number[] = [];
  let after = before;
  for (let reading = 0; reading < MEMORY_READINGS; reading++) {
    await delay((measure * 1000) / MEMORY_READINGS);
    after = snapshot(recording.pids);
    memory.push(after.pssBytes);
  }
  return {
    cpuPercent: cpuPercent(before, after),
    pssBytes: median(memory),
    threads: after.threads,
    descriptors: after.descriptors,
    switchesPerSecond: switchesPerSecond(before, after),
    loopDelayMs: await recording.loopDelayMs(),
  };
}

/** Looks at every frame that a subject, which has ended, left on the disk. */
export async function framesOf(recording: Recording, cameras: readonly Camera[]): Promise<Frames> {
  const checks = [];
  for (const camera of cameras) checks.push(checkStamps(await readStamps(recording.files(camera))));
  return {
    onDisk: sum(checks.map(({ frames }) => frames)),
    lost: sum(checks.map(({ lost }) => lost)),
    doubled: sum(checks.map(({ doubled }) => doubled)),
  };
}

/** The medians of repeated measurements. */
export function medianCosts(costs: readonly Costs[]): Costs {
  const of = (pick: (cost: Costs) => number) => median(costs.map(pick));
  const delays = costs.flatMap(({ loopDelayMs }) => loopDelayMs ?? []);
  return {
    cpuPercent: of((cost) => cost.cpuPercent),
    pssBytes: of((cost) => cost.pssBytes),
    threads: of((cost) => cost.threads),
    descriptors: of((cost) => cost.descriptors),
    switchesPerSecond: of((cost) => cost.switchesPerSecond),
    loopDelayMs: delays.length === 0 ? null : median(delays),
  };
}
