import { describe, expect, it } from 'vitest';
import type { Archive } from '../../src/archive/archive.ts';
import { cameraId, runId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import { encode } from './fragments.ts';
import { beginRun, EVER, FRONT, openArchive, temporaryFolder } from './support.ts';

const media = encode(1, true);
const at = (ms: number) => epochMs(1_700_000_000_000 + ms);
const conflict = expect.objectContaining({ name: 'NvrError', kind: 'conflict' });
const notFound = expect.objectContaining({ name: 'NvrError', kind: 'not-found' });

async function withArchive(work: (archive: Archive) => void): Promise<void> {
  const archive = await openArchive(temporaryFolder());
  try {
    work(archive);
  } finally {
    await archive.close();
  }
}

describe('Ledger', () => {
  it('keeps runs and shares their init segments', async () => {
    await withArchive((archive) => {
      const { ledger } = archive;
      const one = beginRun(archive, media, 1);
      const two = beginRun(archive, media, 2);
      expect(ledger.initOf(one)).toEqual(media.init);
      expect(ledger.run(one).initKey).toBe(ledger.run(two).initKey);
      expect(ledger.run(one)).toMatchObject({
        cameraId: FRONT,
        stream: 'main',
        endedMs: null,
        endCause: null,
      });
      expect(() => beginRun(archive, media, 1)).toThrow(conflict);
      ledger.endRun(one, at(9), 'stalled');
      expect(ledger.run(one)).toMatchObject({ endedMs: at(9), endCause: 'stalled' });
      expect(() => ledger.endRun(one, at(9), 'stalled')).toThrow(notFound);
      expect(() => ledger.initOf(runId('00000000-0000-4000-8000-0000000000ff'))).toThrow(notFound);
    });
  });

  it('finds the recordings and gaps that reach into a range, the one that lasts too', async () => {
    await withArchive(({ ledger, footage }) => {
      for (let hour = 0; hour < 40; hour++) {
        ledger.beginRecording(FRONT, 'manual', at(hour * 100));
        ledger.endRecording(FRONT, 'stopped', at(hour * 100 + 60));
        ledger.openGap(FRONT, 'unreachable', at(hour * 100 + 60));
        ledger.closeGap(FRONT, at(hour * 100 + 100));
      }
      ledger.beginRecording(FRONT, 'manual', at(4_000));
      const starts = (found: readonly { readonly startMs: number }[]) =>
        found.map(({ startMs }) => startMs - at(0));
      for (const [from, to, recordings, gaps] of [
        [3_030, 3_031, [3_000], []],
        [3_060, 3_100, [], [3_060]],
        [3_059, 3_101, [3_000, 3_100], [3_060]],
        [3_860, 9_000, [3_900, 4_000], [3_860, 3_960]],
        [8_000, 9_000, [4_000], []],
      ] as const) {
        const range = { startMs: at(from), endMs: at(to) };
        expect([starts(footage.recordings(FRONT, range)), starts(footage.gaps(FRONT, range))]).toEqual([
          recordings,
          gaps,
        ]);
      }
      expect(footage.gaps(FRONT, { startMs: at(0), endMs: at(9_000) })).toHaveLength(40);
    });
  });

  it('keeps recordings, of which a camera has one at a time', async () => {
    await withArchive(({ ledger, footage }) => {
      ledger.beginRecording(FRONT, 'continuous', at(0));
      ledger.beginRecording(cameraId('other'), 'manual', at(0));
      expect(() => ledger.beginRecording(FRONT, 'manual', at(5))).toThrow(conflict);
      expect(footage.recordings(FRONT, EVER)).toMatchObject([
        { startMs: at(0), endMs: null, endReason: null },
      ]);
      ledger.endRecording(FRONT, 'source-lost', at(10));
      expect(() => ledger.endRecording(FRONT, 'stopped', at(11))).toThrow(notFound);
      ledger.beginRecording(FRONT, 'manual', at(20));
      expect(footage.recordings(FRONT, EVER)).toMatchObject([
        { startMs: at(0), endMs: at(10), beginReason: 'continuous', endReason: 'source-lost' },
        { startMs: at(20), endMs: null, beginReason: 'manual', endReason: null },
      ]);
    });
  });

  it('ends a recording at its start when the clock was set back behind it', async () => {
    await withArchive(({ ledger, footage }) => {
      ledger.beginRecording(FRONT, 'manual', at(10));
      ledger.endRecording(FRONT, 'stopped', at(-5000));
      expect(footage.recordings(FRONT, EVER)).toMatchObject([{ startMs: at(10), endMs: at(10) }]);
    });
  });

  it('keeps gaps, and forgets empty ones', async () => {
    await withArchive(({ ledger, footage }) => {
      ledger.openGap(FRONT, 'connecting', at(0));
      expect(() => ledger.openGap(FRONT, 'starting', at(1))).toThrow(conflict);
      ledger.updateGap(FRONT, 'storage');
      ledger.closeGap(FRONT, at(7));
      expect(() => ledger.closeGap(FRONT, at(8))).toThrow(notFound);
      expect(() => ledger.updateGap(FRONT, 'storage')).toThrow(notFound);
      ledger.openGap(FRONT, 'starting', at(10));
      ledger.closeGap(FRONT, at(10));
      ledger.openGap(FRONT, 'overrun', at(20));
      expect(footage.gaps(FRONT, EVER)).toMatchObject([
        { startMs: at(0), endMs: at(7), cause: 'storage' },
        { startMs: at(20), endMs: null, cause: 'overrun' },
      ]);
    });
  });

  it('answers ranges half-open, with what is still open', async () => {
    await withArchive(({ ledger, footage }) => {
      ledger.openGap(FRONT, 'starting', at(0));
      ledger.closeGap(FRONT, at(10));
      ledger.openGap(FRONT, 'overrun', at(20));
      const starts = (from: number, to: number) =>
        footage.gaps(FRONT, { startMs: at(from), endMs: at(to) }).map(({ startMs }) => startMs - at(0));
      expect(starts(-5, 0)).toEqual([]);
      expect(starts(-5, 1)).toEqual([0]);
      expect(starts(9, 20)).toEqual([0]);
      expect(starts(10, 20)).toEqual([]);
      expect(starts(500, 600)).toEqual([20]);
    });
  });
});
