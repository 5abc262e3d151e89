/** The queue of exports that are made in the background: one at a time, taken up again after a restart, kept for days. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError } from '../archive/disk.ts';
import type { ExportJob, ExportJobStore, ExportSpec, MadeFile } from '../archive/exportJobStore.ts';
import { messageOf, NvrError } from '../domain/errors.ts';
import { type Clock, epochMs } from '../domain/time.ts';
import type { Making } from './exportReady.ts';

export interface ExportJobDoors {
  readonly store: ExportJobStore;
  readonly make: (job: ExportJob, making: Making) => Promise<MadeFile>;
  /** Absolute path of the folder of the files; made when it is not there. */
  readonly folder: string;
  /** How long they are kept, in ms. */
  readonly keepMs: number;
  readonly clock: Clock;
  readonly log: { warn(fields: object, message: string): void; error(fields: object, message: string): void };
}

/** Orders that wait; more are a mistake. */
const MOST_WAITING = 200;
const SWEEP_MS = 600_000;

/** The job that is made now. */
interface Current {
  readonly id: number;
  readonly abort: AbortController;
  share: number;
  /** Resolves when it is made, or given up. */
  ended: Promise<void>;
}

export class ExportJobs {
  readonly #doors: ExportJobDoors;
  #current: Current | null = null;
  #work: Promise<void> | null = null;
  #sweeper: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(doors: ExportJobDoors) {
    this.#doors = doors;
  }

  /** Takes up what a process before left unfinished, and removes what no job owns. */
  async start(): Promise<void> {
    const { folder, log } = this.#doors;
    try {
      await mkdir(folder, { recursive: true });
      await this.#removeStrays();
    } catch (error) {
      log.error({ reason: messageOf(diskError(folder, error)) }, 'the folder of the exports cannot be used');
    }
    await this.#sweep();
    this.#sweeper = setInterval(() => void this.#sweep(), SWEEP_MS).unref();
  }

  /** Newest first. */
  list(): ExportJob[] {
    return this.#doors.store.list();
  }

  /** @throws NvrError `not-found`. */
  get(id: number): ExportJob {
    return this.#doors.store.get(id);
  }

  /** How much of it is made, 0–1. */
  share({ id, state }: Pick<ExportJob, 'id' | 'state'>): number {
    if (state === 'done') return 1;
    return this.#current?.id === id ? this.#current.share : 0;
  }

  /** @throws NvrError `exhausted` when too many wait already. */
  order(spec: ExportSpec, user: string): ExportJob {
    const { store, clock } = this.#doors;
    if (store.list().filter(({ state }) => state === 'queued').length >= MOST_WAITING) {
      throw new NvrError('exhausted', `${MOST_WAITING} exports wait already.`);
    }
    const job = store.add(spec, user, clock.now());
    this.#wake();
    return job;
  }

  /** Ends it if it is being made, and forgets it with its file. @throws NvrError `not-found`. */
  async remove(id: number): Promise<void> {
    const { store } = this.#doors;
    store.get(id);
    store.remove(id);
    if (this.#current?.id === id) {
      this.#current.abort.abort();
      await this.#current.ended;
    }
    await this.#unlink(id);
  }

  /** The file of a job that is done. @throws NvrError `not-found`, `conflict` before it is done */
  pathOf({ id, state, error }: ExportJob): string {
    if (state === 'done') return this.#path(id);
    throw new NvrError('conflict', error ?? 'The export is not done yet.', { field: 'exportId' });
  }

  /** What is being made is left, and begun anew by the next process. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweeper);
    this.#current?.abort.abort();
    await this.#work;
  }

  #wake(): void {
    if (!this.#closed) this.#work ??= this.#run();
  }

  async #run(): Promise<void> {
    const { store, log } = this.#doors;
    try {
      // Not before whoever ordered it has been answered.
      await Promise.resolve();
      for (let job = store.next(); job !== null && !this.#closed; job = store.next()) await this.#make(job);
    } catch (error) {
      // The index refuses: the next order or sweep tries again.
      log.error({ reason: messageOf(error) }, 'exports could not be made');
    }
    this.#work = null;
  }

  async #make(job: ExportJob): Promise<void> {
    const current = { id: job.id, abort: new AbortController(), share: 0, ended: Promise.resolve() };
    this.#doors.store.begin(job.id);
    this.#current = current;
    const making = this.#attempt(job, current);
    current.ended = making.catch(() => undefined);
    try {
      await making;
    } finally {
      this.#current = null;
    }
  }

  async #attempt(job: ExportJob, current: Current): Promise<void> {
    const { store, make, clock, log } = this.#doors;
    try {
      const made = await make(job, {
        path: this.#path(job.id),
        signal: current.abort.signal,
        onProgress: (done, total) => {
          current.share = total === 0 ? 0 : done / total;
        },
      });
      store.done(job.id, made, clock.now());
    } catch (error) {
      if (current.abort.signal.aborted) return;
      log.warn({ export: job.id, reason: messageOf(error) }, 'an export failed');
      store.failed(job.id, messageOf(error), clock.now());
    }
  }

  #path(id: number): string {
    return join(this.#doors.folder, `export-${id}`);
  }

  async #sweep(): Promise<void> {
    const { store, clock, keepMs, log } = this.#doors;
    try {
      for (const id of store.removeFinished(epochMs(Math.max(0, clock.now() - keepMs))))
        await this.#unlink(id);
      // Those that a process before left, and those of which the index refused to say what became of them.
      if (this.#work === null) store.requeue();
      this.#wake();
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'old exports could not be removed');
    }
  }

  async #unlink(id: number): Promise<void> {
    await rm(this.#path(id), { force: true });
  }

  async #removeStrays(): Promise<void> {
    const { store, folder } = this.#doors;
    const known = new Set(
      store.list().flatMap(({ id, state }) => (state === 'done' ? [`export-${id}`] : [])),
    );
    const names = (await readdir(folder)).filter((name) => /^export-\d+(\..*part)?$/.test(name));
    for (const name of names) if (!known.has(name)) await rm(join(folder, name), { force: true });
  }
}
