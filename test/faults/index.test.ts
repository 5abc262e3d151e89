/** How long an archive of a month takes to open after a crash: 64 cameras, each with a file that was being written. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Database } from '../../src/archive/database.ts';
import { cameraId, runId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import { encode, wallTime } from '../archive/fragments.ts';
import { openArchive, START_MS, temporaryFolder, until } from '../archive/support.ts';
import { patience } from '../support/recorder.ts';

const CAMERAS = Array.from({ length: 64 }, (_, index) => cameraId(`cam-${index}`));
const DAYS = 30;
const MINUTE_MS = 60_000;
const MINUTES = DAYS * 24 * 60;
const LIMIT_MS = 2_000;

/** Folders as a crash leaves them: every camera was being written to. */
async function crashed(): Promise<string> {
  const folder = temporaryFolder();
  const media = encode(3, false);
  const archive = await openArchive(folder, { segmentMs: 600_000, syncMs: 50 });
  const writers = CAMERAS.map((id, index) => {
    const run = runId(`00000000-0000-4000-8000-${String(index).padStart(12, '0')}`);
    archive.ledger.beginRun({
      id: run,
      cameraId: id,
      stream: 'main',
      init: media.init,
      startedMs: epochMs(START_MS),
    });
    archive.ledger.beginRecording(id, 'continuous', epochMs(START_MS));
    const writer = archive.writer(run, () => undefined);
    for (const fragment of media.fragments) writer.append(fragment, wallTime(START_MS, fragment));
    return writer;
  });
  await until(() => writers.every(({ lastDurableMs }) => (lastDurableMs ?? 0) >= START_MS + 2_500), 60_000);
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true });
  await archive.close();
  return copy;
}

/** Adds a month of rows before what there is. */
function fill(folder: string): void {
  const database = Database.open(join(folder, 'state', 'nightjar.db'));
  // A run of its own: those of the files that were being written hold nothing else.
  database.execute(
    `INSERT INTO run (id, uuid, camera_id, stream, init_id, started_ms, ended_ms, end_cause)
     SELECT 1000, 'month', camera_id, stream, init_id, 0, 1, 'stopped' FROM run WHERE id = 1`,
  );
  const insert = database.prepare<[number, string, string, number, number, number, Buffer]>(
    `INSERT INTO segment (id, run_id, camera_id, volume_id, path, start_ms, end_ms, start_ticks, duration_ticks, bytes,
       header_bytes, frames, gops) VALUES (?, 1000, ?, 1, ?, ?, ?, ?, 5400000, 30000000, 1000, 1500, ?)`,
  );
  const fromMs = START_MS - MINUTES * MINUTE_MS;
  // Those before are of the files that were being written.
  let segmentId = 1_000;
  for (const id of CAMERAS) {
    database.transaction(() => {
      for (let minute = 0; minute < MINUTES; minute++) {
        const startMs = fromMs + minute * MINUTE_MS;
        insert.run(
          segmentId++,
          id,
          `${id}/${minute}.mp4`,
          startMs,
          startMs + MINUTE_MS,
          minute * 5_400_000,
          Buffer.alloc(120),
        );
      }
    });
  }
  void database.close();
}

test(`${CAMERAS.length} cameras × ${DAYS} days open within ${LIMIT_MS} ms after a crash`, async () => {
  const folder = await crashed();
  fill(folder);
  const began = performance.now();
  const archive = await openArchive(folder);
  const tookMs = performance.now() - began;
  const { recovered, interrupted, failed, missing } = archive.recovery;
  console.log(
    `${CAMERAS.length * MINUTES} rows, ${recovered.length} files recovered: open in ${Math.round(tookMs)} ms`,
  );
  expect({ failed, missing }).toEqual({ failed: [], missing: [] });
  expect([recovered.length, interrupted.length]).toEqual([CAMERAS.length, CAMERAS.length]);
  await archive.close();
  expect(tookMs).toBeLessThan(patience(LIMIT_MS));
});
