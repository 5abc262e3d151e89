/** Questions to an archive of a month: playlists and timelines out of an index that was made up around real ones. */
import { join } from 'node:path';
import { Database } from '../../src/archive/database.ts';
import { encodeGops } from '../../src/archive/gopCodec.ts';
import type { Gop } from '../../src/domain/media.ts';
import { TICKS_PER_SECOND, ticks } from '../../src/domain/ticks.ts';
import { eventually, type Recorder } from '../support/recorder.ts';
import { startCameras } from './cameras.ts';
import { rounded, type Scenario } from './scenario.ts';
import { quantile } from './statistics.ts';
import { startEmpty } from './subjects.ts';

const DAYS = 30;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MINUTES = (DAYS * DAY_MS) / MINUTE_MS;
const GOP_SECONDS = 2;
const GOP_BYTES = 1_000_000;
const QUESTIONS = 200;
/** A prime, so that the questions are spread over cameras and days alike. */
const STRIDE = 7_919;

/** Where the month begins, and whose it is. */
interface Month {
  readonly ids: readonly string[];
  readonly fromMs: number;
}

export const archive: Scenario = {
  describes: 'playlists of an hour and a day, and timelines, of 30 days of all cameras',
  async run({ cameras: counts }, say) {
    const count = Math.max(...counts);
    const recorder = await startEmpty();
    try {
      const month = await makeMonth(recorder, count);
      say(`${count} cameras × ${DAYS} days are in the index`);
      await recorder.start();
      const rows = [];
      for (const [question, routes] of questions(month)) {
        const tookMs: number[] = [];
        for (const route of routes) {
          const asked = performance.now();
          await recorder.get(route);
          tookMs.push(performance.now() - asked);
        }
        rows.push({
          question,
          asked: tookMs.length,
          'p50 ms': rounded(quantile(tookMs, 0.5), 1),
          'p95 ms': rounded(quantile(tookMs, 0.95), 1),
          'worst ms': rounded(Math.max(...tookMs), 1),
        });
      }
      return [{ title: `archive of ${count} cameras × ${DAYS} days`, rows }];
    } finally {
      await recorder.discard();
    }
  },
};

/** Records one camera for a moment, so that there are a run and a volume, and makes up the rest while nobody looks. */
async function makeMonth(recorder: Recorder, count: number): Promise<Month> {
  const real = await startCameras(1);
  const ids = Array.from({ length: count }, (_, index) => `cam-${index + 1}`);
  try {
    for (const { url } of real.list) {
      for (const id of ids) {
        await recorder.add({ id, name: id, enabled: id === ids[0], source: { kind: 'rtsp', url } });
      }
    }
    const [first = ''] = ids;
    await recorder.recording(first);
    await eventually('a segment', async () => (await recorder.segments(first)).length > 0);
    await recorder.change(first, { enabled: false });
    await recorder.stop();
  } finally {
    await real.server.close();
  }
  const fromMs = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAYS * DAY_MS;
  fill(join(recorder.stateDir, 'nightjar.db'), { ids, fromMs });
  return { ids, fromMs };
}

function fill(path: string, { ids, fromMs }: Month): void {
  const database = Database.open(path);
  const gops = encodeGops(minuteOfGops());
  const run = database.prepare<[string, string, number, number], { id: number }>(
    `INSERT INTO run (uuid, camera_id, stream, init_id, started_ms, ended_ms, end_cause)
     SELECT ?, ?, 'main', init_id, ?, ?, 'shutdown' FROM run LIMIT 1 RETURNING id`,
  );
  const segment = database.prepare<[number, number, string, string, number, number, number, Buffer]>(
    `INSERT INTO segment (id, run_id, camera_id, volume_id, path, start_ms, end_ms, start_ticks, duration_ticks,
       bytes, header_bytes, frames, gops)
     SELECT ?, ?, ?, volume.id, ?, ?, ?, ?, ${60 * TICKS_PER_SECOND}, 30001000, 1000, 1500, ? FROM volume LIMIT 1`,
  );
  const recording = database.prepare<[string, number, number]>(
    `INSERT INTO recording (camera_id, start_ms, end_ms, begin_reason, end_reason)
     VALUES (?, ?, ?, 'continuous', 'shutdown')`,
  );
  let segmentId = 1_000;
  for (const [index, id] of ids.entries()) {
    database.transaction(() => {
      const toMs = fromMs + MINUTES * MINUTE_MS;
      const uuid = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
      const runId = run.all(uuid, id, fromMs, toMs)[0]?.id ?? 0;
      recording.run(id, fromMs, toMs);
      for (let minute = 0; minute < MINUTES; minute++) {
        const startMs = fromMs + minute * MINUTE_MS;
        const startTicks = minute * 60 * TICKS_PER_SECOND;
        const file = `${id}/${minute}.mp4`;
        segment.run(segmentId++, runId, id, file, startMs, startMs + MINUTE_MS, startTicks, gops);
      }
    });
  }
  void database.close();
}

function minuteOfGops(): Gop[] {
  return Array.from({ length: 60 / GOP_SECONDS }, (_, index) => ({
    offset: 1_000 + index * GOP_BYTES,
    bytes: GOP_BYTES,
    startTicks: ticks(index * GOP_SECONDS * TICKS_PER_SECOND),
    durationTicks: ticks(GOP_SECONDS * TICKS_PER_SECOND),
    frames: GOP_SECONDS * 25,
  }));
}

/** What is asked, each of another camera and time. */
function questions({ ids, fromMs }: Month): [string, string[]][] {
  const ask = (route: (camera: string, dayMs: number, hour: number) => string) =>
    Array.from({ length: QUESTIONS }, (_, index) => {
      const at = index * STRIDE;
      const dayMs = fromMs + (at % DAYS) * DAY_MS;
      return route(`/cameras/${ids[at % ids.length]}`, dayMs, at % 24);
    });
  const range = (from: number, ms: number) => `start=${from}&end=${from + ms}`;
  const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  return [
    [
      'playlist of an hour',
      ask((camera, day, hour) => `${camera}/playlist.m3u8?${range(day + hour * HOUR_MS, HOUR_MS)}`),
    ],
    ['playlist of a day', ask((camera, day) => `${camera}/days/${dayOf(day)}/playlist.m3u8`)],
    ['recordings of a day', ask((camera, day) => `${camera}/recordings?${range(day, DAY_MS)}`)],
    ['recordings of the month', ask((camera) => `${camera}/recordings?${range(fromMs, DAYS * DAY_MS)}`)],
    ['gaps of the month', ask((camera) => `${camera}/gaps?${range(fromMs, DAYS * DAY_MS)}`)],
    ['days with footage', ask((camera) => `${camera}/days`)],
  ];
}
