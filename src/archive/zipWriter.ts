/** Writes archives whose entries are stored as they are; the only importer of the ZIP library. */
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { ZipFile } from 'yazl';

/** An entry; what it holds is asked for when everything before it is written. */
export interface ZipContent {
  readonly name: string;
  /** Its length in bytes. */
  readonly bytes: number;
  read(): AsyncIterable<Buffer>;
}

/**
 * An archive as a stream of bytes. Entries are taken one after the other, each when the one before is written, so that a
 * later one may depend on what the earlier ones turned out to be.
 * @param modified the time that all entries carry
 */
export async function* zipOf(
  entries: AsyncIterable<ZipContent>,
  modified: Date,
): AsyncGenerator<Buffer, void, undefined> {
  const zip = new ZipFile();
  const output = new PassThrough();
  zip.outputStream.pipe(output);
  const feeder: Feeder = { content: null };
  feed(zip, entries, modified, feeder).catch((error: unknown) => {
    output.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    for await (const block of output) yield block;
  } finally {
    // Whoever stops early lets go of the files that are being read.
    feeder.content?.destroy();
  }
}

/** What is being read. */
interface Feeder {
  content: Readable | null;
}

async function feed(
  zip: ZipFile,
  entries: AsyncIterable<ZipContent>,
  modified: Date,
  feeder: Feeder,
): Promise<void> {
  for await (const { name, bytes, read } of entries) {
    const content = Readable.from(read(), { objectMode: false });
    feeder.content = content;
    const ended = once(content, 'end');
    zip.addReadStream(content, name, { compress: false, size: bytes, mtime: modified, mode: 0o100644 });
    await ended;
  }
  zip.end();
}
