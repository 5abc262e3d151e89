/** That a camera may have segment files of another length than the recorder's setting. */
import { expect, it } from 'vitest';
import { encode, wallTime } from './fragments.ts';
import { beginRun, EVER, FRONT, openArchive, START_MS, temporaryFolder } from './support.ts';

it('files are as long as the camera says, or else the setting', async () => {
  const media = encode(6, false);
  const archive = await openArchive(temporaryFolder(), { segmentMs: 60_000 });
  const counts: number[] = [];
  for (const [index, segmentMs] of [null, 2_000].entries()) {
    const before = archive.footage.segments(FRONT, EVER).length;
    const startMs = START_MS + index * 60_000;
    const writer = archive.writer(beginRun(archive, media, index + 1), () => undefined, segmentMs);
    for (const fragment of media.fragments) writer.append(fragment, wallTime(startMs, fragment));
    await writer.end();
    counts.push(archive.footage.segments(FRONT, EVER).length - before);
  }
  expect(counts[0]).toBe(1);
  expect(counts[1]).toBeGreaterThan(1);
  await archive.close();
});
