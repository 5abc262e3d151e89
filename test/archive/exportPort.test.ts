/** The API's exports over a real archive and a real server: names, refusals, byte ranges to the last byte. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportPort } from '../../src/app/exportPort.ts';
import type { Archive } from '../../src/archive/archive.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import { zone } from '../../src/domain/zone.ts';
import type { ExportOptions } from '../../src/http/ports.ts';
import { type Harness, startHarness } from '../http/harness.ts';
import { record } from './exportFootage.ts';
import { encode } from './fragments.ts';
import { FRONT, HandClock, openArchive, START_MS, temporaryFolder } from './support.ts';

const WHOLE: ExportOptions = { gaps: 'close', part: null, format: 'mp4' };
const RANGE = { startMs: epochMs(START_MS), endMs: epochMs(START_MS + 60_000) };

let archive: Archive;
let clock: HandClock;
beforeAll(async () => {
  clock = new HandClock();
  clock.ms = 3_600_000;
  archive = await openArchive(temporaryFolder(), { segmentMs: 1_000 });
  // The clocks of central Europe go forward in the middle of it.
  await record(archive, encode(2, true), 1, 29_000);
});
afterAll(() => archive.close());

const port = () => exportPort(archive, clock, zone('Europe/Berlin'));

describe('the exports of the API', () => {
  it('are named by the camera and by what is delivered, each end with its offset', async () => {
    const { name } = await port().open(FRONT, RANGE, WHOLE);
    expect(name).toBe('front-door 2026-03-29 01.59.59+0100 - 2026-03-29 03.00.01+0200');
  });

  it.each([
    ['wholly in the future', 7_200_000, 7_300_000, 'start'],
    ['partly in the future', 0, 3_600_001, 'end'],
    ['longer than eight days', -9 * 86_400_000, 0, 'end'],
  ])('%s are refused', async (_, from, to, field) => {
    const interval = { startMs: epochMs(START_MS + from), endMs: epochMs(START_MS + to) };
    await expect((async () => port().open(FRONT, interval, WHOLE))()).rejects.toThrow(
      expect.objectContaining({ kind: 'invalid', field }),
    );
  });

  it('of a camera that there never was are refused by its name', async () => {
    const refusal = { kind: 'not-found', message: 'There is no camera nobody.' };
    const nobody = cameraId('nobody');
    await expect(port().open(nobody, RANGE, WHOLE)).rejects.toMatchObject(refusal);
    await expect(port().parts(nobody, RANGE, 'close')).rejects.toMatchObject(refusal);
  });

  it('are parts of the range, of what is recorded', async () => {
    expect(await port().parts(FRONT, RANGE, 'close')).toEqual([
      { part: 1, startMs: START_MS + 29_000, endMs: START_MS + 31_000, recordedMs: 2_000 },
    ]);
    expect(await port().parts(FRONT, { ...RANGE, endMs: epochMs(START_MS + 10) }, 'close')).toEqual([]);
  });

  it.each(['mp4', 'fmp4'] as const)('arrive as %s in ranges that join', async (format) => {
    const harness: Harness = await startHarness();
    harness.answers.set('openExport', () => port().open(FRONT, RANGE, { ...WHOLE, format }));
    const query = `start=${RANGE.startMs}&end=${RANGE.endMs}&format=${format}`;
    const url = `/api/v1/cameras/front-door/export.mp4?${query}`;
    const whole = (await harness.as('viewer', { url })).rawPayload;
    const etag = String((await harness.as('viewer', { method: 'HEAD', url })).headers.etag);
    const pieces: Buffer[] = [];
    for (let at = 0; at < whole.length; at += 4_001) {
      const headers = { range: `bytes=${at}-${at + 4_000}`, 'if-range': etag };
      const answer = await harness.as('viewer', { url, headers });
      expect(answer.statusCode).toBe(206);
      pieces.push(answer.rawPayload);
    }
    expect(Buffer.concat(pieces).equals(whole)).toBe(true);
    expect(whole.toString('latin1', 4, 8)).toBe('ftyp');
    await harness.close();
  });
});
