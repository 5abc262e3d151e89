/** A file of an ordered export, ready to be read: as it was recorded, remuxed, or encoded anew with the time drawn in. */
import { createReadStream } from 'node:fs';
import { rm, stat, writeFile } from 'node:fs/promises';
import type { ExportSpec } from '../archive/exportJobStore.ts';
import { wallSpansOf } from '../archive/wallSpans.ts';
import { timeCaptions } from '../domain/burntTime.ts';
import { NvrError } from '../domain/errors.ts';
import type { Zone } from '../domain/zone.ts';
import type { BurnRequest } from '../media/burn.ts';
import type { RemuxRequest } from '../media/remux.ts';
import type { Content } from './exportContents.ts';

export interface ReadyDoors {
  readonly zone: Zone;
  remux(request: RemuxRequest): Promise<void>;
  burn(request: BurnRequest): Promise<void>;
}

/** How a job is followed and ended. */
export interface Making {
  /** Absolute path of the file; what is next to it under the same name and more is overwritten. */
  readonly path: string;
  readonly signal: AbortSignal;
  /** How many of how many bytes are done. */
  onProgress(done: number, total: number): void;
}

/** A file that can be read; `drop` lets go of what was needed for that. */
export interface Ready {
  readonly bytes: number;
  /** RFC 6381. */
  readonly codecs: string;
  read(): AsyncIterable<Buffer>;
  drop(): Promise<void>;
}

const FILE_MODE = 0o640;
/** Some ten minutes; a few milliseconds to write. */
const CAPTIONS_AT_ONCE = 500;
/** Of RFC 6381 codec strings, where the video comes first. What profile an encoder chooses is its own affair. */
const [ANY_VIDEO, ENCODED_VIDEO] = [/^[^,]+/, 'avc1'];

/** What is made in between; paths. */
interface Steps {
  readonly movie: string;
  readonly captions: string;
  readonly scratch: string;
  readonly burnt: string;
  readonly ts: string;
}

/** What needs a program in between is made in files of its own first, because nobody knows its length before. */
export async function readied(
  content: Content,
  spec: Pick<ExportSpec, 'format' | 'burnTime'>,
  doors: ReadyDoors,
  { path, signal }: Pick<Making, 'path' | 'signal'>,
  progress: (bytes: number) => void,
): Promise<Ready> {
  const { bytes, about } = content;
  if (spec.format !== 'ts' && !spec.burnTime) {
    const read = () => followed(content.read(), progress, signal);
    return { bytes, codecs: about.codecs, read, drop: async () => undefined };
  }
  const step = (name: string) => `${path}.${name}.part`;
  const steps = {
    movie: step('movie'),
    captions: step('captions'),
    scratch: step('scratch'),
    burnt: step('burnt'),
    ts: step('ts'),
  };
  const drop = async () => {
    await Promise.all(Object.values(steps).map((file) => rm(file, { force: true })));
  };
  try {
    const { file, codecs } = await converted(content, spec, doors, steps, { signal, progress });
    return { bytes: (await stat(file)).size, codecs, read: () => createReadStream(file), drop };
  } catch (error) {
    await drop();
    throw error;
  }
}

interface Following {
  readonly signal: AbortSignal;
  readonly progress: (bytes: number) => void;
}

async function converted(
  content: Content,
  { format, burnTime }: Pick<ExportSpec, 'format' | 'burnTime'>,
  doors: ReadyDoors,
  steps: Steps,
  { signal, progress }: Following,
): Promise<{ readonly file: string; readonly codecs: string }> {
  const { movie, burnt, ts } = steps;
  const copied = burnTime ? () => undefined : progress;
  await writeFile(movie, followed(content.read(), copied, signal), { signal, mode: FILE_MODE });
  let made = { file: movie, codecs: content.about.codecs };
  if (burnTime) {
    await burn(content, format === 'fmp4', doors, steps, { signal, progress });
    await rm(movie);
    made = { file: burnt, codecs: made.codecs.replace(ANY_VIDEO, ENCODED_VIDEO) };
  }
  if (format !== 'ts') return made;
  await doors.remux({ from: made.file, to: ts, codecs: made.codecs, signal });
  await rm(made.file);
  return { ...made, file: ts };
}

/** Draws the time into the pictures of the movie. */
async function burn(
  { plan, bytes }: Content,
  fragmented: boolean,
  doors: ReadyDoors,
  { movie, captions, scratch, burnt }: Steps,
  { signal, progress }: Following,
): Promise<void> {
  const spans = wallSpansOf(plan);
  const movieMs = spans.at(-1)?.toMs ?? 1;
  await writeFile(captions, blocksOf(timeCaptions(spans, doors.zone)), { signal, mode: FILE_MODE });
  let told = 0;
  await doors.burn({
    files: { movie, captions, output: burnt, scratch },
    init: plan.init,
    fragmented,
    kbitPerSecond: (bytes * 8) / movieMs,
    signal,
    onProgress: (ms) => {
      const done = Math.round(Math.min(1, ms / movieMs) * bytes);
      progress(done - told);
      told = done;
    },
  });
  progress(bytes - told);
}

/** Many lines at once; others get their turn in between. */
function* blocksOf(captions: Iterable<string>): Generator<string> {
  let block: string[] = [];
  for (const caption of captions) {
    block.push(caption);
    if (block.length < CAPTIONS_AT_ONCE) continue;
    yield block.join('');
    block = [];
  }
  yield block.join('');
}

export async function* followed(
  blocks: AsyncIterable<Buffer>,
  progress: (bytes: number) => void,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const block of blocks) {
    if (signal.aborted) throw cancelled();
    // Whoever takes it may keep it longer than the reader keeps its memory.
    yield Buffer.from(block);
    progress(block.length);
  }
}

export function cancelled(): NvrError {
  return new NvrError('conflict', 'The export was cancelled.');
}
