/** How soon pictures come: of now, of any moment, and sheets of thumbnails, for the first time and again. */
import type { PreviewSheetsView } from '../../src/http/wire/picture.ts';
import { AUTHORIZATION, type Recorder, startRecorder } from '../support/recorder.ts';
import { type Camera, startCameras } from './cameras.ts';
import { type Cell, rounded, type Scenario } from './scenario.ts';
import { quantile } from './statistics.ts';
import { untilRecording } from './subjects.ts';

const MOMENTS = 40;
const SECOND_MS = 1_000;

export const pictures: Scenario = {
  describes: 'snapshots and thumbnails of 1080p cameras, for the first time and again',
  defaults: { cameras: [4], settle: 90 },
  async run({ cameras: counts, settle }, say) {
    const { server, list } = await startCameras(Math.max(...counts));
    const recorder = await startRecorder({
      // Nothing is made in advance, so that the first time is one.
      settings: { SEGMENT_SECONDS: '10', LOG_LEVEL: 'warn', PREVIEW_CPU_PERCENT: '0' },
    });
    try {
      await Promise.all(
        list.map(({ id, url }) => recorder.add({ id, name: id, source: { kind: 'rtsp', url } })),
      );
      await untilRecording(recorder, list.length);
      const beganMs = Date.now();
      say(`recording ${list.length} cameras for ${settle} s`);
      await new Promise((resolve) => setTimeout(resolve, settle * SECOND_MS));
      return [{ title: `pictures of ${list.length} cameras`, rows: await ask(recorder, list, beganMs) }];
    } finally {
      await recorder.discard();
      await server.close();
    }
  },
};

async function ask(recorder: Recorder, cameras: readonly Camera[], beganMs: number) {
  const endMs = Date.now();
  const camera = (index: number) => cameras[index % cameras.length]?.id ?? '';
  const moments = Array.from({ length: MOMENTS }, (_, index) => {
    const t = Math.round(beganMs + 2 * SECOND_MS + ((endMs - beganMs - 4 * SECOND_MS) * index) / MOMENTS);
    return `/cameras/${camera(index)}/snapshot.jpg?t=${t}`;
  });
  const lists = cameras.map(({ id }) => `/cameras/${id}/previews?from=${beganMs}&to=${endMs}`);
  const sheets: string[] = [];
  for (const list of lists) {
    const { sheets: found } = await recorder.get<PreviewSheetsView>(list);
    sheets.push(...found.map(({ url }) => url.replace('/api/v1', '')));
  }
  const at = (width: number) => moments.map((moment) => `${moment}&width=${width}`);
  const now = cameras.map(({ id }) => `/cameras/${id}/snapshot.jpg?width=640`);
  return [
    await row(recorder, 'process and first picture', now.slice(0, 1)),
    await row(recorder, 'now, 640 wide', now),
    await row(recorder, 'a moment, 160 wide', at(160)),
    await row(recorder, '… again', at(160)),
    await row(recorder, 'a moment, 1920 wide', at(1920)),
    await row(recorder, 'list of sheets', lists),
    await row(recorder, 'a sheet', sheets),
    await row(recorder, '… again', sheets),
  ];
}

async function row(recorder: Recorder, question: string, routes: readonly string[]) {
  const tookMs: number[] = [];
  for (const route of routes) {
    const asked = performance.now();
    const answer = await fetch(`${recorder.address}/api/v1${route}`, {
      headers: { authorization: AUTHORIZATION },
    });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${route} answers ${answer.status}`);
    tookMs.push(performance.now() - asked);
  }
  const facts: Record<string, Cell> = {
    question,
    asked: tookMs.length,
    'p50 ms': rounded(quantile(tookMs, 0.5)),
    'p95 ms': rounded(quantile(tookMs, 0.95)),
    'worst ms': rounded(Math.max(...tookMs)),
  };
  return facts;
}
