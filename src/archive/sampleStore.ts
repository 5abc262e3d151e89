/**
 * Where the index of a segment file's samples lies, and its front: what lets an export be laid out without opening
 * the files. The index itself is at the end of the file (`mp4/sampleIndex.ts`).
 */
import type { SegmentId } from '../domain/ids.ts';
import type { Database } from './database.ts';

/** The schema step of this table. */
export const SAMPLE_SCHEMA = `
-- Of segment files that end with an index of their samples; those a crash left behind have none.
CREATE TABLE sample_index (
  segment_id  INTEGER PRIMARY KEY REFERENCES segment (id) ON DELETE CASCADE,
  -- Where it begins in the file; it reaches to the end.
  offset      INTEGER NOT NULL CHECK (offset > 0),
  -- See mp4/sampleIndex.ts.
  front       BLOB NOT NULL
) STRICT;
`;

/** What is kept of the index of a file's samples. */
export interface StoredFront {
  /** In bytes from the start of the file. */
  readonly offset: number;
  /** As `encodeFront` writes it. */
  readonly front: Buffer;
}

export class SampleStore {
  readonly #insert: ReturnType<typeof insertStatement>;

  constructor(database: Database) {
    this.#insert = insertStatement(database);
  }

  /** Belongs in the transaction that stores the segment's row. @throws NvrError */
  insert(id: SegmentId, { offset, front }: StoredFront): void {
    this.#insert.run(id, offset, front);
  }
}

function insertStatement(database: Database) {
  return database.prepare<[number, number, Buffer]>(
    'INSERT INTO sample_index (segment_id, offset, front) VALUES (?, ?, ?)',
  );
}
