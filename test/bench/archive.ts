/** Questions to an archive of a month or a year: playlists, fragments and timelines out of an index that was made up. */
import { join } from 'node:path';
import { eventually, type Recorder } from '../support/recorder.ts';
import { startCameras } from './cameras.ts';
import { fillIndex, type MadeUp } from './madeUp.ts';
import { rounded, type Scenario, type Settings, type Table } from './scenario.ts';
import { quantile } from './statistics.ts';
import { startEmpty } from './subjects.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const QUESTIONS = 200;
/** A prime, so that the questions are spread over cameras and days alike. */
const STRIDE = 7_919;
/** As many as a wide screen has dots. */
const CELLS = 1_000;

/** And a segment that has a file. */
interface Made extends MadeUp {
  readonly realSegment: number;
}

export const archive: Scenario = {
  describes: 'playlists, fragments and timelines of 30 days of all cameras',
  run: (settings, say) => measure({ days: 30, minutes: 1 }, settings, say),
};

export const year: Scenario = {
  // The timeline reads none of them; a year of minutes takes hours to make up.
  describes: 'the same of 365 days, in segments of a quarter of an hour',
  run: (settings, say) => measure({ days: 365, minutes: 15 }, settings, say),
};

async function measure(
  length: Pick<MadeUp, 'days' | 'minutes'>,
  { cameras: counts }: Settings,
  say: (line: string) => void,
): Promise<readonly Table[]> {
  const count = Math.max(...counts);
  const recorder = await startEmpty();
  try {
    const made = await makeUp(recorder, count, length, say);
    await recorder.start();
    const rows = [];
    for (const [question, routes] of questions(made)) {
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
    return [{ title: `archive of ${count} cameras × ${length.days} days`, rows }];
  } finally {
    await recorder.discard();
  }
}

/** Records one camera for a moment, so that there are a run and a volume, and makes up the rest while nobody looks. */
async function makeUp(
  recorder: Recorder,
  count: number,
  { days, minutes }: Pick<MadeUp, 'days' | 'minutes'>,
  say: (line: string) => void,
): Promise<Made> {
  const real = await startCameras(1);
  const ids = Array.from({ length: count }, (_, index) => `cam-${index + 1}`);
  let realSegment = 0;
  try {
    for (const { url } of real.list) {
      for (const id of ids) {
        await recorder.add({ id, name: id, enabled: id === ids[0], source: { kind: 'rtsp', url } });
      }
    }
    const [first = ''] = ids;
    await recorder.recording(first);
    await eventually('a segment', async () => (await recorder.segments(first)).length > 0);
    realSegment = (await recorder.segments(first))[0]?.id ?? 0;
    await recorder.change(first, { enabled: false });
    await recorder.stop();
  } finally {
    await real.server.close();
  }
  const fromMs = Math.floor(Date.now() / DAY_MS) * DAY_MS - days * DAY_MS;
  const made = { ids, fromMs, days, minutes, realSegment };
  const levelsMs = fillIndex(join(recorder.stateDir, 'nightjar.db'), made);
  say(
    `${count} cameras × ${days} days are in the index; the levels of the timeline took ${rounded(levelsMs / 1000)} s`,
  );
  return made;
}

/** What is asked, each of another camera and time. */
function questions({ ids, fromMs, days, realSegment }: Made): [string, string[]][] {
  const ask = (route: (camera: string, dayMs: number, hour: number) => string) =>
    Array.from({ length: QUESTIONS }, (_, index) => {
      const at = index * STRIDE;
      const dayMs = fromMs + (at % days) * DAY_MS;
      return route(`/cameras/${ids[at % ids.length]}`, dayMs, at % 24);
    });
  const range = (from: number, ms: number) => `start=${from}&end=${from + ms}`;
  const timeline = (from: number, ms: number) =>
    `/timeline?from=${from}&to=${from + ms}&resolution=${Math.max(1000, Math.round(ms / CELLS))}`;
  const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const all = `of all ${ids.length} cameras`;
  return [
    [
      'playlist of an hour',
      ask((camera, day, hour) => `${camera}/playlist.m3u8?${range(day + hour * HOUR_MS, HOUR_MS)}`),
    ],
    ['playlist of a day', ask((camera, day) => `${camera}/days/${dayOf(day)}/playlist.m3u8`)],
    ['a GOP, of a real segment', ask(() => `/segments/${realSegment}/gops/0-1.m4s`)],
    ['recordings of a day', ask((camera, day) => `${camera}/recordings?${range(day, DAY_MS)}`)],
    ['gaps of the whole', ask((camera) => `${camera}/gaps?${range(fromMs, days * DAY_MS)}`)],
    ['days with footage', ask((camera) => `${camera}/days`)],
    [`timeline of an hour ${all}`, ask((_, day, hour) => timeline(day + hour * HOUR_MS, HOUR_MS))],
    [`timeline of a day ${all}`, ask((_, day) => timeline(day, DAY_MS))],
    [`timeline of ${days} days ${all}`, ask(() => timeline(fromMs, days * DAY_MS))],
    [`calendar of a month ${all}`, ask((_, day) => `/calendar?month=${dayOf(day).slice(0, 7)}`)],
  ];
}
