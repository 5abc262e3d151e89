/**
 * Stands between the recorder and one disk, so that a disk that does not answer holds up nobody else: at most a few
 * operations are on their way to it at a time, and none is waited for longer than a limit. What a file is, and what is
 * done about a disk that stalls, is decided elsewhere.
 */
import { NvrError } from '../domain/errors.ts';
import { afterAwake } from './awake.ts';
import { DelayMeter } from './delayMeter.ts';
import type { Disk, DiskFile } from './disk.ts';

/** Limits of one disk. */
export interface GateLimits {
  /** Operations at a time: each holds a thread of the pool that all disks share. */
  readonly slots: number;
  /** An operation that takes longer, in ms in which this process ran, fails; the disk is stalled until it has ended after all. */
  readonly stallMs: number;
}

export const GATE_LIMITS: GateLimits = { slots: 8, stallMs: 5_000 };

/** Who reads waits for who writes: footage is lost when it can't be written in time, and can be read later. */
export type Turn = 'first' | 'last';

/** An operation takes longer than the limit. */
export class DiskStalled extends NvrError {
  constructor(path: string, limitMs: number) {
    const seconds = limitMs / 1000;
    super('unavailable', `The disk of ${path} does not answer: an operation takes longer than ${seconds} s.`);
  }
}

export class Gate {
  /** Of what is written. */
  readonly writing = new DelayMeter();
  readonly #path: string;
  readonly #limits: GateLimits;
  readonly #waiting: Record<Turn, (() => void)[]> = { first: [], last: [] };
  /** What waits until it answers again. */
  readonly #deferred: (() => Promise<void>)[] = [];
  #busy = 0;
  #late = 0;

  /** @param path of the disk's folder, for messages */
  constructor(path: string, limits: GateLimits = GATE_LIMITS) {
    this.#path = path;
    this.#limits = limits;
  }

  /** An operation was given up and has not ended yet. */
  get stalled(): boolean {
    return this.#late > 0;
  }

  /**
   * Does the work when its turn comes.
   * @param discard takes what the work gives when nobody waits for it any more
   * @param turn before or after all others that wait
   * @throws NvrError `unavailable` at once while the disk is stalled, or after the limit; and what the work throws.
   */
  async run<T>(
    work: () => Promise<T>,
    discard: (value: T) => void = () => undefined,
    turn: Turn = 'first',
  ): Promise<T> {
    if (this.stalled) throw this.#noAnswer();
    const task = { begun: false, givenUp: false };
    const done = this.#inTurn(task, work, turn);
    return await new Promise<T>((resolve, reject) => {
      const callOff = afterAwake(this.#limits.stallMs, () => {
        task.givenUp = true;
        if (task.begun) this.#lateUntil(done.then(discard));
        reject(this.#noAnswer());
      });
      done.then(resolve, reject).finally(callOff);
    });
  }

  /** Does the work when the disk answers again, or now if it does; nobody is told what becomes of it. */
  later(work: () => Promise<void>): void {
    if (this.stalled) {
      this.#deferred.push(work);
      return;
    }
    let begun = false;
    const begin = async () => {
      begun = true;
      await work();
    };
    this.run(begin).catch(() => {
      // The disk stopped answering while it was in line.
      if (!begun) this.later(work);
    });
  }

  async #inTurn<T>(
    task: { begun: boolean; readonly givenUp: boolean },
    work: () => Promise<T>,
    turn: Turn,
  ): Promise<T> {
    if (this.#busy >= this.#limits.slots) await new Promise<void>((go) => this.#waiting[turn].push(go));
    else this.#busy++;
    try {
      if (task.givenUp) throw this.#noAnswer();
      task.begun = true;
      return await work();
    } finally {
      // The slot goes to the next in line, or is free.
      const next = this.#waiting.first.shift() ?? this.#waiting.last.shift();
      if (next === undefined) this.#busy--;
      else next();
    }
  }

  #lateUntil(end: Promise<void>): void {
    this.#late++;
    const ended = () => {
      this.#late--;
      if (this.stalled) return;
      for (const work of this.#deferred.splice(0)) this.later(work);
    };
    end.then(ended, ended);
  }

  #noAnswer(): NvrError {
    return new DiskStalled(this.#path, this.#limits.stallMs);
  }
}

/** The disk, with every operation on it through the gate of its folder. */
export function gatedDisk(disk: Disk, gateOf: (path: string) => Gate): Disk {
  return {
    async create(path) {
      const gate = gateOf(path);
      const abandon = (file: DiskFile) => {
        file
          .close()
          .then(() => disk.unlink(path))
          .catch(() => undefined);
      };
      return gatedFile(await gate.run(() => disk.create(path), abandon), gate);
    },
    async open(path, mode) {
      const gate = gateOf(path);
      const abandon = (file: DiskFile) => {
        file.close().catch(() => undefined);
      };
      const turn = mode === 'read' ? 'last' : 'first';
      return gatedFile(await gate.run(() => disk.open(path, mode), abandon, turn), gate);
    },
    exists: (path) => gateOf(path).run(() => disk.exists(path)),
    unlink: (path) => gateOf(path).run(() => disk.unlink(path)),
  };
}

function gatedFile(file: DiskFile, gate: Gate): DiskFile {
  return {
    write: (buffers, position) => gate.writing.time(() => gate.run(() => file.write(buffers, position))),
    read: (position, length) => gate.run(() => file.read(position, length), undefined, 'last'),
    size: () => gate.run(() => file.size()),
    truncate: (bytes) => gate.run(() => file.truncate(bytes)),
    sync: () => gate.writing.time(() => gate.run(() => file.sync())),
    close: () => closeGated(file, gate),
  };
}

/** A file that cannot be closed now keeps its descriptor only until the disk answers. */
async function closeGated(file: DiskFile, gate: Gate): Promise<void> {
  let begun = false;
  const close = async () => {
    begun = true;
    await file.close();
  };
  await gate.run(close).catch((error: unknown) => {
    if (!begun) gate.later(close);
    throw error;
  });
}
