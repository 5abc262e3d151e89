import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { archivePort } from '../../src/app/archivePort.ts';
import { CameraStore } from '../../src/archive/cameraStore.ts';
import { Database } from '../../src/archive/database.ts';
import { realDisk } from '../../src/archive/disk.ts';
import { Footage } from '../../src/archive/footage.ts';
import { encodeGops } from '../../src/archive/gopCodec.ts';
import { KeyframeFinder } from '../../src/archive/keyframeFinder.ts';
import { Ledger } from '../../src/archive/ledger.ts';
import { migrate } from '../../src/archive/migrations.ts';
import { MissingFootage } from '../../src/archive/missingFootage.ts';
import type { SegmentRecord } from '../../src/archive/records.ts';
import { SegmentStore } from '../../src/archive/segmentStore.ts';
import { Vault } from '../../src/archive/vault.ts';
import { Volume } from '../../src/archive/volume.ts';
import { type CameraId, cameraId, runId } from '../../src/domain/ids.ts';
import { tileIntervals } from '../../src/domain/previews.ts';
import { ticks } from '../../src/domain/ticks.ts';
import { DAY_MS, epochMs, type Interval } from '../../src/domain/time.ts';
import { day, zone } from '../../src/domain/zone.ts';
import { encode } from './fragments.ts';
import { FRONT, HandClock, START_MS, silentLog, volumesOf } from './support.ts';

const MINUTE = 60_000;
const RUN = runId('00000000-0000-4000-8000-000000000001');
const { init } = encode(1, false);
const GOPS = encodeGops([
  { offset: 900, bytes: 1_000, startTicks: ticks(0), durationTicks: ticks(5_400_000), frames: 1_500 },
]);

/** Counts what was looked up, and how much of it at once. */
class CountingFootage extends Footage {
  all = 0;
  most = 0;
  override segments(camera: CameraId, range: Interval): SegmentRecord[] {
    const found = super.segments(camera, range);
    this.all += found.length;
    this.most = Math.max(this.most, found.length);
    return found;
  }
}

/** A camera that recorded a minute after the other, of each day from the first hour to the last. */
function recorded(days: number, hours: { readonly from: number; readonly to: number }) {
  const database = Database.open(':memory:');
  migrate(database);
  database.execute("INSERT INTO volume (id, uuid, path) VALUES (1, 'u', '/nowhere')");
  const ledger = new Ledger(database);
  ledger.beginRun({ id: RUN, cameraId: FRONT, stream: 'main', init, startedMs: epochMs(0) });
  const insert = database.prepare<[string, number, number, number, Buffer]>(
    `INSERT INTO segment (run_id, camera_id, volume_id, path, start_ms, end_ms, start_ticks, duration_ticks, bytes,
       header_bytes, frames, gops) VALUES (1, ?, 1, 'x.mp4', ?, ?, ?, 5400000, 1900, 900, 1500, ?)`,
  );
  database.transaction(() => {
    for (let minute = 0; minute < days * 1_440; minute++) {
      const hour = Math.floor(minute / 60) % 24;
      if (hour < hours.from || hour >= hours.to) continue;
      const start = START_MS + minute * MINUTE;
      insert.run(FRONT, start, start + MINUTE, minute * 5_400_000, GOPS);
    }
  });
  const volumes = volumesOf([new Volume({ id: 1, uuid: 'u', path: '/nowhere' })]);
  const store = new SegmentStore({ database, volumes, log: silentLog, retryMs: 1_000 });
  const footage = new CountingFootage(database, realDisk, ledger, store);
  const missing = new MissingFootage(database, volumes.all);
  const cameras = new CameraStore(database, new Vault(randomBytes(32)));
  const port = archivePort({ footage, ledger, missing, cameras }, new HandClock(), zone('UTC'));
  return { footage, port, finder: new KeyframeFinder({ footage, ledger, disk: realDisk }) };
}

const from = (days: number): Interval => ({
  startMs: epochMs(START_MS + MINUTE / 2),
  endMs: epochMs(START_MS + days * DAY_MS),
});

describe('what was recorded, to a client', () => {
  it('is looked up as far as a page needs it, and all pages together have every segment once', async () => {
    const { footage, port } = recorded(3, { from: 6, to: 18 });
    const ids: number[] = [];
    let after = null;
    for (let more = true; more; ) {
      footage.all = 0;
      const page = await port.segments(FRONT, from(400), { limit: 100, after });
      expect(footage.all).toBeLessThan(400);
      ids.push(...page.items.map(({ id }) => id));
      const last = page.items.at(-1);
      after = last === undefined ? null : { startMs: epochMs(last.startMs), id: last.id };
      more = page.more;
    }
    expect(ids).toEqual(Array.from({ length: 3 * 720 }, (_, index) => index + 1));
  });

  it('is put into a playlist some hours at a time, the same as at once', async () => {
    const { footage, port } = recorded(8, { from: 0, to: 24 });
    const text = await port.playlist(FRONT, from(8));
    expect(text.match(/#EXTINF/g)).toHaveLength(8 * 1_440);
    expect(text.match(/#EXT-X-DISCONTINUITY\n/g)).toBeNull();
    expect(footage.most).toBeLessThan(200);
  });

  it('is refused as a playlist that would be too long, but not where little was recorded', async () => {
    const much = recorded(9, { from: 0, to: 24 });
    await expect(much.port.playlist(FRONT, from(9))).rejects.toMatchObject({
      kind: 'invalid',
      field: 'end',
    });
    expect(much.footage.all).toBe(0);
    const little = recorded(9, { from: 6, to: 7 });
    expect((await little.port.playlist(FRONT, from(400))).match(/#EXTINF/g)).toHaveLength(9 * 60);
  });

  it('is nothing of a camera that there never was: that is said by its name', async () => {
    const { port } = recorded(1, { from: 0, to: 1 });
    const nobody = cameraId('nobody');
    const page = { limit: 1, after: null };
    for (const ask of [
      () => port.segments(nobody, from(1), page),
      () => port.recordings(nobody, from(1)),
      () => port.missing(nobody, from(1)),
      () => port.gaps(nobody, from(1)),
      () => port.days(nobody),
      () => port.playlist(nobody, from(1)),
      () => port.dayPlaylist(nobody, day('2026-03-29')),
    ]) {
      await expect(async () => await ask()).rejects.toMatchObject({
        kind: 'not-found',
        message: 'There is no camera nobody.',
      });
    }
    expect(await port.gaps(FRONT, from(1))).toEqual([]);
  });

  it('is looked up sparingly for thumbnails whose middle was not recorded', () => {
    const { footage, finder } = recorded(30, { from: 18, to: 20 });
    const found = finder.find(FRONT, tileIntervals(from(30), 3));
    expect(found.map((each) => each?.segment.startMs)).toEqual(
      [0, 10, 20].map((day) => START_MS + day * DAY_MS + 18 * 60 * MINUTE),
    );
    expect(footage.most).toBeLessThan(1_000);
  });
});
