/**
 * A process in which a capture device is opened, or a HLS camera played, seen from the recorder. Whatever a driver or a
 * server does, only that process waits for it; and what GStreamer leaves open of a device (the pool of `v4l2src` in 1.22)
 * is closed with the process, so that a device that is plugged in again can have the number it had.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DeviceSource, HlsSource } from '../domain/camera.ts';
import { childEnvironment } from '../domain/childEnvironment.ts';
import { messageOf, NvrError } from '../domain/errors.ts';
import type { BusMessage } from './busMessage.ts';
import type { Failure } from './causes.ts';
import type { PropertyValue } from './pipeline.ts';
import type { Plan, RecordingPlan } from './plan.ts';
import type { ProbeResult } from './probe.ts';
import type { RunPipeline } from './runPipeline.ts';

/** What a device offers, as caps, or why it refuses. */
export interface DeviceOffer {
  readonly caps: string;
  readonly problem: string | null;
}

/** What is played in a process of its own. */
export type ApartSource = DeviceSource | HlsSource;

type Question =
  | { readonly type: 'probe'; readonly source: ApartSource }
  | { readonly type: 'hear'; readonly source: DeviceSource }
  | { readonly type: 'offer'; readonly device: string };

type Answer =
  | { readonly type: 'probed'; readonly result: ProbeResult }
  | { readonly type: 'heard'; readonly failure: Failure | null }
  | { readonly type: 'offered'; readonly offer: DeviceOffer };

export type ToCapture =
  | Question
  | { readonly type: 'play'; readonly plan: Plan; readonly tracks: readonly string[] }
  | {
      readonly type: 'set';
      readonly element: string;
      readonly property: string;
      readonly value: PropertyValue;
    }
  | {
      readonly type: 'act';
      readonly element: string;
      readonly signal: string;
      readonly values: readonly (string | number)[];
    }
  | { readonly type: 'eos' }
  | { readonly type: 'close' };

/** Milliseconds of the clock that all processes of a machine share, and of the pipeline at that moment. */
export interface ClockTie {
  readonly machineMs: number;
  readonly runningMs: number;
}

export type FromCapture =
  | { readonly type: 'ready' }
  | Answer
  | { readonly type: 'message'; readonly message: BusMessage; readonly tie: ClockTie }
  /** Caps of a pad that is watched, before any message that follows from them. */
  | { readonly type: 'caps'; readonly at: string; readonly caps: string | null };

/** Milliseconds of a clock that is the same in all processes. */
export const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** How long a small machine may take to start a process; what is asked of it is limited from then on. */
const START_MS = 120_000;
/** How long it may take to let go of a device, which a daemon behind it may want to hear of. */
const CLOSE_MS = 1_000;
/** A process that a driver holds outlives its end; it is waited for no longer. */
const KILLED_MS = 500;

const GONE: BusMessage = {
  ...{ type: 'error', element: 'source', domain: '', code: 0, debug: '' },
  message: 'The process of the source ended',
};

export class CaptureProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #ready: Promise<void>;
  #onReady: () => void = () => undefined;
  #onAnswer: (answer: Answer | null) => void = () => undefined;
  #onMessage: ((message: BusMessage) => void) | null = null;
  readonly #caps = new Map<string, string | null>();
  #tie: ClockTie | null = null;
  #gone = false;

  /** @param program absolute path of the compiled `captureProcess`. @throws NvrError `unavailable` when it can't be started */
  constructor(
    program = fileURLToPath(new URL(`captureProcess${extname(import.meta.url)}`, import.meta.url)),
  ) {
    try {
      this.#child = fork(program, [], {
        env: { ...childEnvironment(process.env), UV_THREADPOOL_SIZE: '1' },
        execArgv: ['--max-old-space-size=96', '--max-semi-space-size=1'],
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
    } catch (cause) {
      throw new NvrError('unavailable', `The source can’t be opened: ${messageOf(cause)}`, { cause });
    }
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', () => resolve()).once('error', () => resolve());
    });
    this.#ready = new Promise((resolve) => {
      this.#onReady = resolve;
    });
    void this.#exited.then(() => this.#end());
    this.#child.on('message', (message: FromCapture) => this.#hear(message));
    // The recorder's end must not wait for it.
    this.#child.unref();
    this.#child.channel?.unref();
  }

  /** Process id; null when it could not be started. */
  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  /** Whether it has ended, or was told to. */
  get gone(): boolean {
    return this.#gone;
  }

  /** What is at a source; null when that is not known in time, after which the process is of no use. */
  async probe(source: ApartSource, limitMs: number): Promise<ProbeResult | null> {
    const answer = await this.#ask({ type: 'probe', source }, limitMs);
    return answer?.type === 'probed' ? answer.result : null;
  }

  /** Why the sound device of a source can't be had; `heard` when it can, null as above. */
  async hear(source: DeviceSource, limitMs: number): Promise<Failure | 'heard' | null> {
    const answer = await this.#ask({ type: 'hear', source }, limitMs);
    return answer?.type === 'heard' ? (answer.failure ?? 'heard') : null;
  }

  /** What a device offers; null as above. */
  async offer(device: string, limitMs: number): Promise<DeviceOffer | null> {
    const answer = await this.#ask({ type: 'offer', device }, limitMs);
    return answer?.type === 'offered' ? answer.offer : null;
  }

  /** Whether it has begun, in the time that a small machine may take for that. */
  async ready(): Promise<boolean> {
    return (await within(this.#ready, START_MS)) && !this.#gone;
  }

  /** One at a time. */
  async #ask(question: Question, limitMs: number): Promise<Answer | null> {
    if (!(await this.ready())) return null;
    return await new Promise((resolve) => {
      const timer = setTimeout(() => this.#onAnswer(null), limitMs);
      this.#onAnswer = (answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      this.#send(question);
    });
  }

  /** Plays a plan, once; its failures are told as messages. The process ends with the pipeline. */
  play(plan: RecordingPlan, onMessage: (message: BusMessage) => void): RunPipeline {
    this.#onMessage = onMessage;
    this.#send({ type: 'play', plan: { launch: plan.launch, settings: plan.settings }, tracks: plan.tracks });
    return {
      act: (element, signal, ...values) => this.#send({ type: 'act', element, signal, values }),
      set: (element, property, value) => this.#send({ type: 'set', element, property, value }),
      padCaps: (element, pad) => this.#caps.get(`${element}.${pad}`) ?? null,
      runningMs: () => (this.#tie === null ? 0 : this.#tie.runningMs + machineMs() - this.#tie.machineMs),
      end: () => this.#send({ type: 'eos' }),
      close: async () => await this.close(),
    };
  }

  /** Resolves when the process has let go of everything, or can't be waited for. Idempotent. */
  async close(): Promise<void> {
    this.#onMessage = null;
    if (!this.#gone) this.#send({ type: 'close' });
    this.#gone = true;
    if (await within(this.#exited, CLOSE_MS)) return;
    this.#child.kill('SIGKILL');
    await within(this.#exited, KILLED_MS);
  }

  #send(message: ToCapture): void {
    // What can't be told is told by its end.
    this.#child.send(message, () => undefined);
  }

  #hear(message: FromCapture): void {
    switch (message.type) {
      case 'ready':
        this.#onReady();
        break;
      case 'probed':
      case 'heard':
      case 'offered':
        this.#onAnswer(message);
        break;
      case 'message':
        this.#tie = message.tie;
        this.#onMessage?.(message.message);
        break;
      case 'caps':
        this.#caps.set(message.at, message.caps);
        break;
    }
  }

  #end(): void {
    this.#gone = true;
    this.#onReady();
    this.#onAnswer(null);
    this.#onMessage?.(GONE);
  }
}

/** Whether something happened within so many milliseconds. */
async function within(what: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const happened = await Promise.race([what.then(() => true), late]);
  clearTimeout(timer);
  return happened;
}
