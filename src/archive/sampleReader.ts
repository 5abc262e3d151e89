/** Reads the indexes of samples of segment files, and remembers the newest ones up to a number of bytes. */
import { NvrError } from '../domain/errors.ts';
import { decodeIndex, indexOf, type SampleIndex } from '../mp4/sampleIndex.ts';
import { walkSamples } from '../mp4/walk.ts';
import type { Disk, DiskFile } from './disk.ts';
import type { ExportSource } from './exportSources.ts';

/** A day of a camera with sound; all downloads together hold no more. */
const MAX_CACHED_BYTES = 64 * 2 ** 20;

export class SampleReader {
  readonly #disk: Disk;
  readonly #known = new Map<string, Promise<SampleIndex>>();
  readonly #sizes = new Map<string, number>();
  #bytes = 0;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /**
   * What a segment's file holds; of one that grows, as much as the source says.
   * @throws NvrError `not-found` when the file is gone, or another of the disk.
   */
  read(source: ExportSource): Promise<SampleIndex> {
    const key = `${source.id} ${source.bytes}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const reading = this.#load(source);
    this.#known.set(key, reading);
    reading.then(
      (index) => this.#remember(key, sizeOf(index)),
      () => this.#known.delete(key),
    );
    return reading;
  }

  /** The oldest give way: a longer export reads them again for each table. */
  #remember(key: string, size: number): void {
    this.#sizes.set(key, size);
    this.#bytes += size;
    for (const [oldest, bytes] of this.#sizes) {
      if (this.#bytes <= MAX_CACHED_BYTES) return;
      this.#sizes.delete(oldest);
      this.#known.delete(oldest);
      this.#bytes -= bytes;
    }
  }

  async #load({ file: path, samples, headerBytes, bytes }: ExportSource): Promise<SampleIndex> {
    const file = await this.#disk.open(path, 'read');
    try {
      const stored = samples === null ? null : await readStored(file, samples.offset, bytes);
      if (stored !== null) return stored;
      const end = samples === null ? bytes : samples.offset;
      return indexOf(await walkSamples((offset, length) => file.read(offset, length), headerBytes, end));
    } finally {
      await file.close();
    }
  }
}

/** Null when it is damaged: the fragments say the same. */
async function readStored(file: DiskFile, offset: number, end: number): Promise<SampleIndex | null> {
  try {
    return decodeIndex(await file.read(offset, end - offset));
  } catch (error) {
    if (error instanceof NvrError && error.kind === 'invalid') return null;
    throw error;
  }
}

function sizeOf({ video, audio }: SampleIndex): number {
  return [video, audio].reduce((sum, track) => {
    if (track === null) return sum;
    const { stts, ctts, stss, stsz, chunkList } = track;
    return sum + stts.length + ctts.length + stss.length + stsz.length + chunkList.length;
  }, 0);
}
