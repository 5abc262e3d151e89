/** The timeline of the API over a real archive: what is closed, what grows, gaps, events, activity, days. */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { EventBus } from '../../src/app/eventBus.ts';
import { timelinePort } from '../../src/app/timelinePort.ts';
import type { Archive } from '../../src/archive/archive.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { epochMs, type Interval } from '../../src/domain/time.ts';
import { zone } from '../../src/domain/zone.ts';
import type { TimelinePort } from '../../src/http/finding.ts';
import { timelineText } from '../../src/http/timelineText.ts';
import type { TimelineView } from '../../src/http/wire/timeline.ts';
import { encode, wallTime } from './fragments.ts';
import {
  beginRun,
  FRONT,
  HandClock,
  openArchive,
  START_MS,
  silentLog,
  temporaryFolder,
  until,
} from './support.ts';

const MEDIA = encode(6, false);
const YARD = cameraId('yard');
const at = (ms: number) => epochMs(START_MS + ms);
const range = (fromMs: number, toMs: number): Interval => ({ startMs: at(fromMs), endMs: at(toMs) });

let archive: Archive;
let folder: string;
let clock: HandClock;
let port: TimelinePort;
let seconds: Buffer | null;
beforeEach(async () => {
  seconds = null;
  clock = new HandClock();
  clock.ms = 600_000;
  const activity = { seconds: () => seconds };
  folder = temporaryFolder();
  archive = await openArchive(folder, { segmentMs: 2_000, retryMs: 20, clock, activity });
  port = timelinePort({ ...doors(), activity }, clock, zone('Europe/Berlin'));
  return () => archive.close();
});

function doors() {
  const { footage, missing, finding } = archive;
  return {
    footage,
    missing,
    timeline: finding.timeline,
    cameras: { list: () => [{ id: FRONT }, { id: YARD }] },
  };
}

/** Records so many seconds of the media, from `START_MS` on; gives the function that ends that. */
function record(length: number): () => Promise<void> {
  const writer = archive.writer(beginRun(archive, MEDIA), () => undefined);
  for (const fragment of MEDIA.fragments.filter(({ startTicks }) => startTicks < length * 90_000))
    writer.append(fragment, wallTime(START_MS, fragment));
  return () => writer.end();
}

/** As a client reads it. */
async function asked(...[cameras, interval, resolutionMs]: Parameters<TimelinePort['timeline']>) {
  const columns = await port.timeline(cameras, interval, resolutionMs);
  const view: TimelineView = JSON.parse(timelineText(columns).toString());
  return view;
}

async function of(camera: typeof FRONT, interval: Interval, resolutionMs: number) {
  const view = await asked([camera], interval, resolutionMs);
  const [found] = view.cameras;
  if (found === undefined) throw new Error('a camera is missing');
  return { ...found, view };
}

describe('the timeline', () => {
  it('is of whole cells, of all cameras when none is named', async () => {
    const view = await asked(null, range(1, 59_999), 60_000);
    expect(view).toMatchObject({
      startMs: at(-30_000),
      endMs: at(90_000),
      resolutionMs: 60_000,
      exact: true,
    });
    expect(view.cameras.map(({ cameraId: id }) => id)).toEqual([FRONT, YARD]);
    expect(view.cameras[1]).toMatchObject({ recordings: [], gaps: [], events: [], recorded: [0, 0] });
  });

  it('shows what was recorded at every resolution, once in the index and while it grows', async () => {
    archive.ledger.beginRecording(FRONT, 'continuous', at(0));
    const end = record(5);
    await until(() => archive.footage.segments(FRONT, range(0, 60_000)).at(-1)?.endMs === at(5_000));
    for (const resolution of [1_000, 60_000, 900_000, 14_400_000]) {
      const cells = await of(FRONT, range(0, 5_000), resolution);
      const ms = cells.recorded.reduce((sum, share) => sum + (share * resolution) / 1000, 0);
      expect(Math.abs(ms - 5_000)).toBeLessThanOrEqual(resolution / 1000);
    }
    expect((await of(FRONT, range(0, 5_000), 1_000)).recorded).toEqual([1000, 1000, 1000, 1000, 1000]);
    await end();
    archive.ledger.endRecording(FRONT, 'stopped', at(5_000));
    const { recordings, recorded } = await of(FRONT, range(0, 10_000), 1_000);
    expect(recordings).toEqual([range(0, 5_000)]);
    expect(recorded).toEqual([1000, 1000, 1000, 1000, 1000, 0, 0, 0, 0, 0]);
    const coarse = await of(FRONT, range(0, 3_600_000), 900_000);
    expect(coarse.view.exact).toBe(false);
    expect(coarse.recordings).toEqual([{ startMs: at(-870_000), endMs: at(30_000) }]);
  });

  it('shows how much moved, in seconds and in minutes', async () => {
    seconds = Buffer.from([0, 1, 201]);
    await record(2)();
    const fine = await of(FRONT, range(0, 4_000), 1_000);
    expect(fine.peaks).toEqual([null, 0, null, null]);
    seconds = Buffer.from([11, 201, 201]);
    const minute = await of(FRONT, range(0, 4_000), 60_000);
    expect([minute.peaks, minute.means]).toEqual([[0], [0]]);
  });

  it('shows gaps with their causes, also the one that lasts', async () => {
    archive.ledger.openGap(FRONT, 'unreachable', at(0));
    archive.ledger.closeGap(FRONT, at(60_000));
    archive.ledger.openGap(FRONT, 'storage', at(300_000));
    const fine = await of(FRONT, range(0, 900_000), 1_000);
    expect(fine.gaps).toEqual([
      { ...range(0, 60_000), cause: 'unreachable', missingMs: 60_000 },
      { ...range(300_000, 600_000), cause: 'storage', missingMs: 300_000 },
    ]);
    const { gaps } = await of(FRONT, range(0, 900_000), 14_400_000);
    expect(gaps).toMatchObject([{ cause: 'storage', missingMs: 360_000 }]);
  });

  it('tells short gaps that are close together as one, and how much is missing', async () => {
    for (const ms of [0, 20_000, 40_000]) {
      archive.ledger.openGap(FRONT, 'ended', at(ms));
      archive.ledger.closeGap(FRONT, at(ms + 500));
    }
    const told = async (resolution: number) => (await of(FRONT, range(0, 120_000), resolution)).gaps;
    expect(await told(1_000)).toHaveLength(3);
    expect(await told(60_000)).toEqual([{ ...range(0, 40_500), cause: 'ended', missingMs: 1_500 }]);
    expect(await told(600_000)).toMatchObject([{ cause: 'ended', missingMs: 1_500 }]);
  });

  it('shows what is on a missing volume as that: recorded, and no gap', async () => {
    archive.ledger.beginRecording(FRONT, 'continuous', at(0));
    await record(6)();
    archive.ledger.endRecording(FRONT, 'stopped', at(6_000));
    const away = async (interval: Interval, resolution: number) => {
      const { recordings, gaps, onMissingVolume } = await of(FRONT, interval, resolution);
      expect([recordings.length, gaps.length]).toEqual([interval.startMs > at(6_000) ? 0 : 1, 0]);
      return onMissingVolume;
    };
    expect(await away(range(0, 10_000), 1_000)).toEqual([]);
    const media = join(folder, 'media');
    renameSync(media, join(folder, 'elsewhere'));
    await until(() => archive.missing.intervals(FRONT, range(0, 10_000)).length > 0);
    expect(await away(range(0, 10_000), 1_000)).toEqual([range(0, 6_000)]);
    expect(await away(range(3_000, 5_000), 1_000)).toEqual([range(3_000, 5_000)]);
    expect(await away(range(0, 10_000), 60_000)).toEqual([range(0, 6_000)]);
    for (const resolution of [300_000, 900_000, 14_400_000]) {
      const startMs = epochMs(Math.floor(START_MS / resolution) * resolution);
      const cell = { startMs, endMs: epochMs(startMs + resolution) };
      const day = range(-43_200_000, 43_200_000);
      expect(await away(day, resolution)).toEqual([cell]);
      expect(await away({ startMs: cell.endMs, endMs: day.endMs }, resolution)).toEqual([]);
    }
    renameSync(join(folder, 'elsewhere'), media);
    await until(() => archive.missing.intervals(FRONT, range(0, 10_000)).length === 0);
    expect(await away(range(0, 10_000), 900_000)).toEqual([]);
  });

  it('shows marks and activity, alone or as their number', async () => {
    const bus = new EventBus(archive.events, clock, silentLog);
    bus.publish({ kind: 'mark', cameraId: FRONT, text: 'A cat', atMs: at(1_000), endMs: at(4_000) });
    bus.publish({ kind: 'activity', cameraId: FRONT, text: 'It moved', atMs: at(61_000) });
    bus.publish({ kind: 'mark', cameraId: FRONT, text: 'Two cats', atMs: at(62_000) });
    bus.publish({ kind: 'camera-offline', cameraId: FRONT, text: 'Gone', atMs: at(63_000) });
    bus.close();
    const fine = await of(FRONT, range(0, 120_000), 30_000);
    expect(fine.events).toMatchObject([
      { startMs: at(1_000), endMs: at(4_000), count: 1, kind: 'mark', text: 'A cat' },
      { startMs: at(61_000), count: 2, kind: null, id: null },
    ]);
    expect(fine.counts).toEqual([1, 0, 2, 0]);
    expect((await of(FRONT, range(60_000, 64_000), 1_000)).counts).toEqual([0, 1, 1, 0]);
    const coarse = await of(FRONT, range(0, 120_000), 900_000);
    expect([coarse.events, coarse.counts]).toEqual([[], [1, 2]]);
  });

  it('shows marks that began days before, and not those that ended meanwhile', async () => {
    const day = 86_400_000;
    const bus = new EventBus(archive.events, clock, silentLog);
    bus.publish({ kind: 'mark', cameraId: FRONT, text: 'A stay', atMs: at(-6 * day), endMs: at(1_000) });
    bus.publish({ kind: 'mark', cameraId: FRONT, text: 'Over', atMs: at(-6 * day), endMs: at(-1_000) });
    bus.publish({ kind: 'mark', cameraId: YARD, text: 'Elsewhere', atMs: at(-day), endMs: at(day) });
    bus.close();
    const { events, counts } = await of(FRONT, range(0, 60_000), 30_000);
    expect(events).toMatchObject([{ startMs: at(-6 * day), endMs: at(1_000), text: 'A stay' }]);
    expect(counts).toEqual([0, 0]);
  });
});

describe('the calendar', () => {
  it('has the days of a month as long as they are, with what each holds', async () => {
    seconds = Buffer.from([11, 11, 11]);
    await record(6)();
    archive.ledger.openGap(FRONT, 'unreachable', at(30_000));
    archive.ledger.closeGap(FRONT, at(90_000));
    const { days, cameras } = await port.calendar([FRONT], '2026-03');
    expect(days).toHaveLength(31);
    // The clocks go forward in the first hours of the 29th.
    expect(days[28]).toMatchObject({ day: '2026-03-29', startMs: Date.UTC(2026, 2, 28, 23) });
    expect(Number(days[28]?.endMs) - Number(days[28]?.startMs)).toBe(23 * 3_600_000);
    const found = cameras[0]?.days ?? [];
    expect(found[28]).toEqual({
      ...{ recordedMs: 6_000, share: 6_000 / (23 * 3_600_000), gapMs: 60_000, events: 0, mean: 10 },
    });
    expect(found.filter(({ recordedMs }) => recordedMs > 0)).toHaveLength(1);
  });

  it('refuses what is no month', async () => {
    await expect(async () => await port.calendar([FRONT], '2026-3')).rejects.toMatchObject({
      field: 'month',
    });
  });
});
