/**
 * The decoder's process, seen from the recorder: started when it is first needed, ended when it was idle for a while,
 * killed when it hangs. It only runs pipelines; what they are for is known by `decoder.ts` and `pictureStream.ts`.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../domain/childEnvironment.ts';
import { messageOf, NvrError } from '../domain/errors.ts';
import type { Plan } from './plan.ts';

/** A FIFO whose read end an `fdsrc` is given. */
export interface Feed {
  readonly element: string;
  readonly path: string;
}

export type ToDecoder =
  | {
      readonly type: 'start';
      readonly id: number;
      readonly plan: Plan;
      readonly feed: Feed | null;
      /** The element whose position is told. */
      readonly follow: string | null;
    }
  | { readonly type: 'stop'; readonly id: number };

export type FromDecoder =
  | { readonly type: 'ready' }
  | {
      readonly type: 'ended';
      readonly id: number;
      readonly failure: string | null;
      readonly cpuSeconds: number;
    }
  | { readonly type: 'stopped'; readonly id: number }
  /** How far a pipeline that is followed is, from time to time. */
  | { readonly type: 'position'; readonly id: number; readonly ms: number }
  /** What the process has used so far, from time to time. */
  | { readonly type: 'cost'; readonly cpuSeconds: number };

/** Why a pipeline ended: by itself, of its own failure, or because the whole process is gone. */
export type DecoderEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'lost' };

export interface HostOptions {
  /** Absolute path of the compiled `decoderProcess`; the one beside this file when absent. */
  readonly program?: string;
  /** After so long without a pipeline the process ends. */
  readonly idleMs: number;
}

/** Tells about once a second how far an element is, in ms of the media. */
export interface Follower {
  readonly element: string;
  readonly onPosition: (ms: number) => void;
}

interface Job {
  readonly onEnd: (end: DecoderEnd) => void;
  readonly follower: Follower | null;
}

/** It holds no media in JavaScript. */
const NODE_OPTIONS = ['--max-old-space-size=96', '--max-semi-space-size=1'];

export class DecoderHost {
  readonly #options: HostOptions;
  readonly #jobs = new Map<number, Job>();
  #child: ChildProcess | null = null;
  #nextId = 1;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;
  /** Of processes that are gone, and of the one there is. */
  #spentSeconds = 0;
  #childSeconds = 0;

  constructor(options: HostOptions) {
    this.#options = options;
  }

  /** Processor time that decoding has cost, in seconds. */
  get cpuSeconds(): number {
    return this.#spentSeconds + this.#childSeconds;
  }

  /** Process id; null while there is none. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Starts the process, because it will probably be needed soon. */
  warm(): void {
    if (this.#closed) return;
    this.#process();
    this.#rest();
  }

  /**
   * Runs a pipeline until it ends.
   * @param onEnd called once, unless it is stopped before
   * @returns stops it at once; nothing of it is told any more
   * @throws NvrError `unavailable` when the process cannot be started, or is no longer wanted
   */
  start(
    plan: Plan,
    feed: Feed | null,
    onEnd: (end: DecoderEnd) => void,
    follower: Follower | null = null,
  ): () => void {
    if (this.#closed) throw new NvrError('unavailable', 'The recorder is stopping.');
    const child = this.#process();
    const id = this.#nextId++;
    this.#jobs.set(id, { onEnd, follower });
    clearTimeout(this.#idle);
    this.#send(child, { type: 'start', id, plan, feed, follow: follower?.element ?? null });
    return () => {
      if (this.#jobs.delete(id) && this.#child === child) this.#send(child, { type: 'stop', id });
      this.#rest();
    };
  }

  /** Kills the process; everything that ran is lost, and whoever waits is told. The next pipeline gets a new one. */
  kill(): void {
    this.#child?.kill('SIGKILL');
    this.#gone(this.#child);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#idle);
    this.kill();
  }

  #process(): ChildProcess {
    this.#child ??= this.#fork();
    return this.#child;
  }

  #fork(): ChildProcess {
    const { program = fileURLToPath(new URL(`decoderProcess${extname(import.meta.url)}`, import.meta.url)) } =
      this.#options;
    try {
      const child = fork(program, [], {
        env: { ...childEnvironment(process.env), UV_THREADPOOL_SIZE: '1' },
        execArgv: NODE_OPTIONS,
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      child.on('message', (message: FromDecoder) => this.#hear(child, message));
      child.once('exit', () => this.#gone(child));
      child.once('error', () => this.#gone(child));
      // The recorder's end must not wait for it.
      child.unref();
      child.channel?.unref();
      return child;
    } catch (cause) {
      throw new NvrError('unavailable', `The decoder can’t be started: ${messageOf(cause)}`, { cause });
    }
  }

  #send(child: ChildProcess, message: ToDecoder): void {
    child.send(message, (error) => {
      if (error !== null) this.#gone(child);
    });
  }

  #hear(child: ChildProcess, message: FromDecoder): void {
    if (child !== this.#child) return;
    if (message.type === 'ended' || message.type === 'cost') this.#childSeconds = message.cpuSeconds;
    if (message.type === 'position') this.#jobs.get(message.id)?.follower?.onPosition(message.ms);
    if (message.type !== 'ended') return;
    const job = this.#jobs.get(message.id);
    this.#jobs.delete(message.id);
    this.#rest();
    const { failure } = message;
    job?.onEnd(failure === null ? { kind: 'done' } : { kind: 'failed', message: failure });
  }

  #gone(child: ChildProcess | null): void {
    if (child === null || child !== this.#child) return;
    this.#child = null;
    this.#spentSeconds += this.#childSeconds;
    this.#childSeconds = 0;
    child.kill('SIGKILL');
    const lost = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const { onEnd } of lost) onEnd({ kind: 'lost' });
  }

  /** Ends the process in a while, unless it is needed until then. */
  #rest(): void {
    clearTimeout(this.#idle);
    if (this.#jobs.size > 0 || this.#child === null || this.#closed) return;
    this.#idle = setTimeout(() => this.kill(), this.#options.idleMs).unref();
  }
}
