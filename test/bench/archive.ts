/**
 * Questions to an archive of a month or a year: playlists, fragments, thumbnails and timelines out of an index that was
 * made up. They are asked one after the other over one connection, until the last byte is there.
 */
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import type { SegmentView } from '../../src/http/wire/archive.ts';
import { AUTHORIZATION, eventually, type Recorder } from '../support/recorder.ts';
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
/** Of a timeline; fewer than there are days. */
const STRETCHES = 20;
/** Of the whole: twenty of a year with its gaps are more than is kept, and nobody goes round in those. */
const WHOLES = 5;
/** As many as a wide screen has dots. */
const CELLS = 1_000;

/** And a segment that has a file. */
interface Made extends MadeUp {
  readonly real: SegmentView;
}

/** Of the real segment; each picture is decoded for the first time. */
const THUMBNAILS = 50;
const REAL_MS = 8_000;

export const archive: Scenario = {
  describes: 'playlists, fragments and timelines of 30 days of all cameras',
  run: (settings, say) => measure({ days: 30, minutes: 1 }, settings, say),
};

export const year: Scenario = {
  // Twice as many of a minute would need another four gigabytes of disk.
  describes: 'the same of 365 days, in segments of two minutes',
  run: (settings, say) => measure({ days: 365, minutes: 2 }, settings, say),
};

async function measure(
  length: Pick<MadeUp, 'days' | 'minutes'>,
  { cameras: counts }: Settings,
  say: (line: string) => void,
): Promise<readonly Table[]> {
  const count = Math.max(...counts);
  const recorder = await startEmpty();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const made = await makeUp(recorder, count, length, say);
    await recorder.start();
    const rows = [];
    for (const [question, routes] of questions(made)) {
      const tookMs: number[] = [];
      for (const route of routes) {
        tookMs.push(await answerMs(recorder, agent, route));
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
    agent.destroy();
    await recorder.discard();
  }
}

/** From the question to the last byte, in ms, without looking into it. */
async function answerMs(recorder: Recorder, agent: Agent, route: string): Promise<number> {
  const asked = performance.now();
  await new Promise<void>((resolve, reject) => {
    const headers = { authorization: AUTHORIZATION };
    const request = get(`${recorder.address}/api/v1${route}`, { agent, headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${route} answers ${answer.statusCode}`));
      answer.on('end', resolve).on('error', reject).resume();
    });
    request.on('error', reject);
  });
  return performance.now() - asked;
}

/** Records one camera for a moment, so that there are a run and a volume, and makes up the rest while nobody looks. */
async function makeUp(
  recorder: Recorder,
  count: number,
  length: Pick<MadeUp, 'days' | 'minutes'>,
  say: (line: string) => void,
): Promise<Made> {
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
    await eventually('a segment', async () => lengthOf(await recorder.segments(first)) > REAL_MS);
    await recorder.change(first, { enabled: false });
    const [segment] = await recorder.segments(first);
    if (segment === undefined) throw new Error('nothing was recorded');
    await recorder.stop();
    return madeUpAround(recorder, segment, ids, length, say);
  } finally {
    await real.server.close();
  }
}

function lengthOf([first]: readonly SegmentView[]): number {
  return first === undefined ? 0 : first.endMs - first.startMs;
}

function madeUpAround(
  recorder: Recorder,
  real: SegmentView,
  ids: readonly string[],
  { days, minutes }: Pick<MadeUp, 'days' | 'minutes'>,
  say: (line: string) => void,
): Made {
  const fromMs = Math.floor(Date.now() / DAY_MS) * DAY_MS - days * DAY_MS;
  const made = { ids, fromMs, days, minutes, real };
  const begun = performance.now();
  const levelsMs = fillIndex(join(recorder.stateDir, 'nightjar.db'), made);
  const seconds = (ms: number) => rounded(ms / 1000, 1);
  say(`${ids.length} cameras × ${days} days are in the index after ${seconds(performance.now() - begun)} s`);
  say(`the levels of the timeline took ${seconds(levelsMs)} s for each camera`);
  return made;
}

/** What is asked, each of another camera and time. */
function questions({ ids, fromMs, days, real }: Made): [string, string[]][] {
  const ask = (route: (camera: string, dayMs: number, hour: number) => string) =>
    Array.from({ length: QUESTIONS }, (_, index) => {
      const at = index * STRIDE;
      const dayMs = fromMs + (at % days) * DAY_MS;
      return route(`/cameras/${ids[at % ids.length]}`, dayMs, at % 24);
    });
  const range = (from: number, ms: number) => `start=${from}&end=${from + ms}`;
  const timeline = (from: number, ms: number, cellMs = Math.max(1000, Math.round(ms / CELLS))) =>
    `/timeline?from=${from}&to=${from + ms}&resolution=${cellMs}`;
  let moment = real.startMs;
  const thumbnail = () => {
    moment += Math.floor(REAL_MS / QUESTIONS);
    return `/cameras/${ids[0]}/snapshot.jpg?t=${moment}&width=160`;
  };
  /** Each stretch for the first time, when nothing of it is kept, and then all of them again and again. */
  const twice = (
    question: string,
    route: (dayMs: number, hour: number, number: number) => string,
    stretches = STRETCHES,
  ): [string, string[]][] => {
    const routes = Array.from({ length: stretches }, (_, number) => {
      const at = number * STRIDE;
      return route(fromMs + (at % days) * DAY_MS, at % 24, number);
    });
    const again = Array.from({ length: QUESTIONS / stretches }, () => routes).flat();
    return [
      [`${question}, first`, routes],
      [`${question}, again`, again],
    ];
  };
  const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const all = `of all ${ids.length} cameras`;
  return [
    [
      'playlist of an hour',
      ask((camera, day, hour) => `${camera}/playlist.m3u8?${range(day + hour * HOUR_MS, HOUR_MS)}`),
    ],
    ['playlist of a day', ask((camera, day) => `${camera}/days/${dayOf(day)}/playlist.m3u8`)],
    ['a GOP, of a real segment', ask(() => `/segments/${real.id}/gops/0-1.m4s`)],
    ['a thumbnail, 160 wide, of a real segment', ask(() => thumbnail()).slice(0, THUMBNAILS)],
    ['recordings of a day', ask((camera, day) => `${camera}/recordings?${range(day, DAY_MS)}`)],
    ['gaps of the whole', ask((camera) => `${camera}/gaps?${range(fromMs, days * DAY_MS)}`)],
    ['days with footage', ask((camera) => `${camera}/days`)],
    ...twice(`timeline of an hour ${all}`, (day, hour) => timeline(day + hour * HOUR_MS, HOUR_MS)),
    ...twice(`timeline of a day ${all}`, (day) => timeline(day, DAY_MS)),
    ...twice(`timeline of a day in minutes, as the dashboard asks, ${all}`, (day) =>
      timeline(day, DAY_MS, MINUTE_MS),
    ),
    ...twice(
      `timeline of ${days} days ${all}`,
      (_, __, number) => timeline(fromMs - (number * days * DAY_MS) / CELLS, days * DAY_MS),
      WHOLES,
    ),
    [`calendar of a month ${all}`, ask((_, day) => `/calendar?month=${dayOf(day).slice(0, 7)}`)],
  ];
}
