/** What processes cost, as Linux counts it in /proc (proc(5)): a snapshot of whole process trees, and what lies between two. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of all processes of the trees together, at one moment. */
export interface Snapshot {
  /** Monotonic, milliseconds. */
  readonly atMs: number;
  /** User and system time since each process began, with that of children that have ended; seconds. */
  readonly cpuSeconds: number;
  /** Proportional set size: shared pages are divided among those who share them. */
  readonly pssBytes: number;
  /** Pages that no file is behind: their share does not change with the processes that come and go beside them. */
  readonly anonymousBytes: number;
  readonly processes: number;
  readonly threads: number;
  readonly descriptors: number;
  /** Voluntary and involuntary, by the name of the thread and its id. */
  readonly switches: ReadonlyMap<string, number>;
}

/** USER_HZ, which is 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
  readonly threads: number;
}

/** Takes a snapshot of the processes and all their descendants; what ends meanwhile is left out. */
export function snapshot(roots: readonly number[]): Snapshot {
  const tree = treeOf(roots);
  const switches = new Map<string, number>();
  for (const { pid } of tree) for (const [thread, count] of switchesOf(pid)) switches.set(thread, count);
  return {
    atMs: performance.now(),
    cpuSeconds: tree.reduce((total, { ticks }) => total + ticks, 0) / TICKS_PER_SECOND,
    pssBytes: tree.reduce((total, { pid }) => total + memoryOf(pid, 'Pss'), 0),
    anonymousBytes: tree.reduce((total, { pid }) => total + memoryOf(pid, 'Anonymous'), 0),
    processes: tree.length,
    threads: tree.reduce((total, { threads }) => total + threads, 0),
    descriptors: tree.reduce((total, { pid }) => total + list(`/proc/${pid}/fd`).length, 0),
    switches,
  };
}

/** CPU between two snapshots, in percent of one core. */
export function cpuPercent(before: Snapshot, after: Snapshot): number {
  return ((after.cpuSeconds - before.cpuSeconds) / (after.atMs - before.atMs)) * 100_000;
}

/** Context switches per second between two snapshots, of the threads that are in both. */
export function switchesPerSecond(before: Snapshot, after: Snapshot): number {
  let count = 0;
  for (const [thread, reached] of after.switches) count += reached - (before.switches.get(thread) ?? reached);
  return (count / (after.atMs - before.atMs)) * 1000;
}

function treeOf(roots: readonly number[]): Stat[] {
  const all = list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? []);
  const found = new Set(roots);
  // A child's id may be lower than its parent's: looked for until no more are found.
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return all.filter(({ pid }) => found.has(pid));
}

function statOf(pid: number): Stat | null {
  const text = read(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3] ?? 0);
  if (text === '') return null;
  return { pid, parent: field(4), ticks: field(14) + field(15) + field(16) + field(17), threads: field(20) };
}

function switchesOf(pid: number): [string, number][] {
  return list(`/proc/${pid}/task`).map((thread) => {
    const counts = read(`/proc/${pid}/task/${thread}/status`).matchAll(/voluntary_ctxt_switches:\s+(\d+)/g);
    return [thread, [...counts].reduce((total, [, count]) => total + Number(count), 0)];
  });
}

function memoryOf(pid: number, name: 'Pss' | 'Anonymous'): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm');
  return Number(line.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1024;
}

function read(file: string): string {
  return attempt(() => readFileSync(file, 'latin1'), '');
}

function list(folder: string): string[] {
  return attempt(() => readdirSync(folder), []);
}

/** A process may end at any moment; then there is nothing to read. */
function attempt<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
