import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { realDisk } from '../../src/archive/disk.ts';
import { Gate, gatedDisk } from '../../src/archive/gate.ts';
import { temporaryFolder, until } from './support.ts';

/** Work that ends when it is told to. */
function held() {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { work: () => ended, end };
}

describe('Gate', () => {
  it('lets so many operations through at a time, in the order they came', async () => {
    const gate = new Gate('/disk', { slots: 2, stallMs: 5000 });
    const tasks = [held(), held(), held(), held()];
    const begun: number[] = [];
    const all = tasks.map(({ work }, index) =>
      gate.run(() => {
        begun.push(index);
        return work();
      }),
    );
    await until(() => begun.length === 2);
    tasks[1]?.end();
    await until(() => begun.length === 3);
    expect(begun).toEqual([0, 1, 2]);
    for (const { end } of tasks) end();
    await Promise.all(all);
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  it('gives up what takes too long, refuses more until that has ended, and drops what was in line', async () => {
    const gate = new Gate('/disk', { slots: 1, stallMs: 30 });
    const [slow, next] = [held(), held()];
    let nextBegun = false;
    const waiting = [
      gate.run(slow.work),
      gate.run(() => {
        nextBegun = true;
        return next.work();
      }),
    ];
    for (const outcome of await Promise.allSettled(waiting)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { kind: 'unavailable' } });
    }
    expect(gate.stalled).toBe(true);
    await expect(gate.run(async () => 1)).rejects.toThrow('/disk does not answer');
    slow.end();
    await until(() => !gate.stalled);
    expect(await gate.run(async () => 1)).toBe(1);
    expect(nextBegun).toBe(false);
  });

  it('does what is left for later, although the disk hangs once more before its turn comes', async () => {
    const gate = new Gate('/disk', { slots: 1, stallMs: 30 });
    const [first, second] = [held(), held()];
    const done: string[] = [];
    await gate.run(first.work).catch(() => undefined);
    gate.later(async () => {
      done.push('second');
      await second.work();
    });
    gate.later(async () => void done.push('third'));
    first.end();
    await until(() => done.length === 1);
    await until(() => gate.stalled);
    second.end();
    await until(() => done.length === 2);
    expect(done).toEqual(['second', 'third']);
  });

  it('lets who writes before who reads, however many read', async () => {
    const gate = new Gate('/disk', { slots: 1, stallMs: 5_000 });
    const done: string[] = [];
    const note = (what: string) => async () => {
      done.push(what);
    };
    const file = {
      ...{ write: note('write'), truncate: note('truncate'), sync: note('sync'), close: note('close') },
      read: async () => {
        done.push('read');
        return Buffer.alloc(0);
      },
      size: async () => 0,
    };
    const open = async () => file;
    const disk = gatedDisk(
      { create: open, open, exists: async () => true, unlink: note('unlink') },
      () => gate,
    );
    const opened = await disk.open('/disk/a', 'write');
    const slow = held();
    const busy = gate.run(slow.work);
    const reads = Array.from({ length: 100 }, () => opened.read(0, 1));
    const writes = [opened.write([], 0), opened.sync()];
    slow.end();
    await Promise.all([busy, ...reads, ...writes]);
    expect(done.slice(0, 3)).toEqual(['write', 'sync', 'read']);
  });

  it('does not blame the disk for what held up this process itself', async () => {
    const gate = new Gate('/disk', { slots: 1, stallMs: 300 });
    const task = held();
    const done = gate.run(task.work);
    // Longer than the limit; the disk has finished meanwhile.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
    setTimeout(task.end, 1);
    await done;
    expect(gate.stalled).toBe(false);
  });

  it('hands on what the work throws', async () => {
    const gate = new Gate('/disk');
    await expect(gate.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(gate.stalled).toBe(false);
  });

  it('leaves threads free for everybody else when a disk hangs', async () => {
    const folder = temporaryFolder();
    const gate = new Gate(folder, { slots: 2, stallMs: 100 });
    const disk = gatedDisk(realDisk, () => gate);
    // A pipe without a writer: opening it holds a thread for good, as a hung disk does.
    const pipes = Array.from({ length: 8 }, (_, n) => join(folder, `pipe${n}`));
    execFileSync('mkfifo', pipes);
    const opened = pipes.map((path) => disk.open(path, 'read'));
    const outcomes = await Promise.allSettled(opened);
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect((await stat(folder)).isDirectory()).toBe(true);
    // Only the two that hold a thread wait for a writer.
    for (const path of pipes.slice(0, 2)) {
      const writer = await open(path, 'r+');
      await writer.close();
    }
    await until(() => !gate.stalled);
  });

  it('closes a file that is opened too late, and removes one that is created too late', async () => {
    const folder = temporaryFolder();
    const gate = new Gate(folder, { slots: 2, stallMs: 20 });
    const late = held();
    const disk = gatedDisk(
      {
        ...realDisk,
        create: async (path) => {
          await late.work();
          return await realDisk.create(path);
        },
      },
      () => gate,
    );
    const path = join(folder, 'file');
    await expect(disk.create(path)).rejects.toMatchObject({ kind: 'unavailable' });
    late.end();
    await until(() => !gate.stalled);
    await expect.poll(() => realDisk.exists(path)).toBe(false);
    writeFileSync(path, 'free again');
  });

  it('closes a file that could not be closed while the disk hung, once it answers', async () => {
    const folder = temporaryFolder();
    const gate = new Gate(folder, { slots: 2, stallMs: 30 });
    const slow = held();
    const disk = gatedDisk(
      {
        ...realDisk,
        create: async (path) => {
          const file = await realDisk.create(path);
          return {
            ...{ write: () => slow.work(), sync: () => file.sync(), size: () => file.size() },
            ...{ truncate: (bytes) => file.truncate(bytes), close: () => file.close() },
            read: (position, length) => file.read(position, length),
          };
        },
      },
      () => gate,
    );
    const path = join(folder, 'file');
    const isOpen = () =>
      readdirSync('/proc/self/fd').some((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`) === path;
        } catch {
          // Closed meanwhile.
          return false;
        }
      });
    const file = await disk.create(path);
    await expect(file.write([], 0)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(file.close()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(isOpen()).toBe(true);
    slow.end();
    await until(() => !isOpen());
  });
});
