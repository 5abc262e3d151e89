/**
 * Pictures out of coded video: a bounded queue in front of the decoder's process. Who asks goes before what is made in
 * advance; what takes too long is killed, and what was lost with it is tried once more.
 */
import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NvrError } from '../domain/errors.ts';
import type { Track } from '../mp4/types.ts';
import type { DecoderEnd, DecoderHost } from './decoderHost.ts';
import { type PictureFiles, type PictureSize, planPicture, planPixels, planSheet } from './picturePlan.ts';
import type { Plan } from './plan.ts';

/** `asked`: somebody waits for it. `background`: made in advance, one at a time, and only when nobody waits. */
export type Urgency = 'asked' | 'background';

export interface DecoderOptions {
  readonly host: DecoderHost;
  /** Folder for the files of a job; they live for milliseconds. */
  readonly folder: string;
  /** The longest that a job may take, in ms, from its start. */
  readonly limitMs: number;
  /** Jobs that somebody waits for: so many at once, and so many more in the queue. */
  readonly slots: number;
  readonly queue: number;
  /** What waits holds its group of pictures in memory, each the frames of up to many seconds: so much at most. */
  readonly queueBytes: number;
}

export const DECODER_LIMITS = { limitMs: 8_000, slots: 2, queue: 200, queueBytes: 64 * 2 ** 20 } as const;

interface Job {
  readonly plan: (files: PictureFiles) => Plan;
  readonly input: readonly Buffer[];
  /** Of the input. */
  readonly bytes: number;
  readonly urgency: Urgency;
  readonly resolve: (bytes: Buffer) => void;
  readonly reject: (error: unknown) => void;
}

export class Decoder {
  readonly #options: DecoderOptions;
  readonly #waiting: Record<Urgency, Job[]> = { asked: [], background: [] };
  readonly #running: Record<Urgency, number> = { asked: 0, background: 0 };

  constructor(options: DecoderOptions) {
    this.#options = options;
  }

  /** Whether anybody waits for a picture now. */
  get busy(): boolean {
    return this.#running.asked + this.#waiting.asked.length > 0;
  }

  /**
   * The first picture that a small MP4 shows, as a JPEG.
   * @param width null for that of the video; the height keeps the shape
   * @throws NvrError `conflict` for a codec that cannot be decoded, `exhausted` when too many wait,
   *   `unavailable` when it could not be decoded
   */
  picture(
    video: Track,
    movie: readonly Buffer[],
    width: number | null,
    urgency: Urgency = 'asked',
  ): Promise<Buffer> {
    return this.#add({ plan: (files) => planPicture(video, files, width), input: movie, urgency });
  }

  /** All pictures that a small MP4 shows, as I420 of one size, one after the other. @throws as `picture` */
  pixels(video: Track, movie: readonly Buffer[], size: PictureSize, urgency: Urgency): Promise<Buffer> {
    return this.#add({ plan: (files) => planPixels(video, files, size), input: movie, urgency });
  }

  /** One picture of I420 as a JPEG. @throws as `picture` */
  sheet(pixels: Buffer, size: PictureSize, urgency: Urgency): Promise<Buffer> {
    return this.#add({ plan: (files) => planSheet(files, size), input: [pixels], urgency });
  }

  #add(job: Pick<Job, 'plan' | 'input' | 'urgency'>): Promise<Buffer> {
    const waiting = this.#waiting[job.urgency];
    const { queue, queueBytes } = this.#options;
    const bytes = job.input.reduce((sum, { length }) => sum + length, 0);
    return new Promise((resolve, reject) => {
      const waitingBytes = waiting.reduce((sum, each) => sum + each.bytes, 0);
      const tooLarge = waiting.length > 0 && waitingBytes + bytes > queueBytes;
      if (tooLarge || waiting.length >= queue) {
        reject(new NvrError('exhausted', 'Too many pictures are asked for at once; try again soon.'));
        return;
      }
      waiting.push({ ...job, bytes, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    const { asked, background } = this.#waiting;
    while (this.#running.asked < this.#options.slots && asked.length > 0) this.#begin(asked.shift());
    if (!this.busy && this.#running.background === 0) this.#begin(background.shift());
  }

  #begin(job: Job | undefined): void {
    if (job === undefined) return;
    this.#running[job.urgency]++;
    this.#work(job)
      .then(job.resolve, job.reject)
      .finally(() => {
        this.#running[job.urgency]--;
        this.#next();
      });
  }

  async #work({ plan, input }: Job): Promise<Buffer> {
    const path = join(this.#options.folder, randomUUID());
    const files = { input: `${path}.in`, output: `${path}.out` };
    try {
      await writeFile(files.input, input);
      let end = await this.#run(plan(files));
      // Another picture may be to blame: the process crashed, or hung.
      if (end.kind === 'lost') end = await this.#run(plan(files));
      return await resultOf(end, files.output);
    } finally {
      await Promise.all([files.input, files.output].map((file) => rm(file, { force: true })));
    }
  }

  #run(plan: Plan): Promise<DecoderEnd> {
    const { host, limitMs } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        resolve({ kind: 'failed', message: `It took more than ${limitMs} ms.` });
        host.kill();
      }, limitMs);
      const settle = (end: DecoderEnd) => {
        clearTimeout(timer);
        resolve(end);
      };
      try {
        host.start(plan, null, settle);
      } catch (thrown) {
        clearTimeout(timer);
        reject(thrown);
      }
    });
  }
}

async function resultOf(end: DecoderEnd, file: string): Promise<Buffer> {
  if (end.kind === 'done') {
    const bytes = await readFile(file).catch(() => Buffer.alloc(0));
    if (bytes.length > 0) return bytes;
  }
  const why = end.kind === 'failed' ? end.message : 'There was no picture in it, or the decoder crashed.';
  throw new NvrError('unavailable', 'The picture could not be decoded.', { cause: new Error(why) });
}
