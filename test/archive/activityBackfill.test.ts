/** Activity from the sizes of frames: measured as they arrive, and again from the files when the index is built anew. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ActivityWatch } from '../../src/app/activityWatch.ts';
import { checkArchive } from '../../src/archive/checkArchive.ts';
import { epochMs } from '../../src/domain/time.ts';
import { encode, wallTime } from './fragments.ts';
import { beginRun, FRONT, HandClock, openArchive, START_MS, silentLog, temporaryFolder } from './support.ts';

const WHOLE = { startMs: epochMs(START_MS), endMs: epochMs(START_MS + 60_000) };

it('is the same again after a rebuild, second by second and in the levels', async () => {
  const folder = temporaryFolder();
  const watch = new ActivityWatch();
  const archive = await openArchive(folder, {
    segmentMs: 5_000,
    maxQueuedMs: 60_000,
    activity: watch,
    clock: new HandClock(),
  });
  const media = encode(24, false);
  const id = beginRun(archive, media);
  const writer = archive.writer(id, () => undefined);
  for (const fragment of media.fragments) {
    const startMs = wallTime(START_MS, fragment);
    watch.observe(FRONT, { runId: id, init: media.init, fragment, startMs });
    writer.append(fragment, startMs);
  }
  await writer.end();
  archive.finding.timeline.catchUp(() => true);
  const { read } = archive.finding.timeline;
  const before = [
    read.seconds(FRONT, WHOLE),
    read.rows(FRONT, { level: 1, cellMs: 60_000, rowCells: 300 }, WHOLE),
  ];
  const isKnown = read.seconds(FRONT, WHOLE).map(({ seconds }) => seconds !== null);
  // What is usual is being learnt in the first two segments.
  expect(isKnown).toEqual([false, false, true, true, true]);
  await archive.close();

  const report = await checkArchive({
    ...{ stateDir: join(folder, 'state'), mediaDirs: [join(folder, 'media')], mode: 'rebuild', scan: true },
    discardDamaged: false,
    ...{ nowMs: epochMs(START_MS), log: silentLog, onProgress: () => undefined },
  });
  expect(report.differences).toEqual([]);
  const again = await openArchive(folder, { clock: new HandClock() });
  const rebuilt = again.finding.timeline.read;
  expect([
    rebuilt.seconds(FRONT, WHOLE),
    rebuilt.rows(FRONT, { level: 1, cellMs: 60_000, rowCells: 300 }, WHOLE),
  ]).toEqual(before);
  await again.close();
}, 30_000);
