/** Exports: an hour as one file beside `ffmpeg -c copy` of the same segments, and how soon a day begins to arrive. */
import { execFile } from 'node:child_process';
import { copyFile, link, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Archive } from '../../src/archive/archive.ts';
import { Database } from '../../src/archive/database.ts';
import { MovieFile } from '../../src/archive/movieFile.ts';
import { Onlooker } from '../../src/archive/onlooker.ts';
import { reusedBlocks } from '../../src/archive/pieces.ts';
import { cameraId, runId } from '../../src/domain/ids.ts';
import { msToTicks, ticks, ticksToMs } from '../../src/domain/ticks.ts';
import { DAY_MS, epochMs } from '../../src/domain/time.ts';
import { Fragmenter } from '../../src/mp4/fragmenter.ts';
import { timescalesOf } from '../../src/mp4/init.ts';
import { rebaseChunks } from '../../src/mp4/rebase.ts';
import type { Fragment, InitSegment } from '../../src/mp4/types.ts';
import { footage } from '../support/footage.ts';
import { AUTHORIZATION, type Recorder } from '../support/recorder.ts';
import { mebibytes, rounded, type Scenario } from './scenario.ts';
import { median, quantile } from './statistics.ts';
import { startEmpty } from './subjects.ts';

const run = promisify(execFile);

const CAMERA = cameraId('export');
const RUN = runId('00000000-0000-4000-8000-000000000001');
/** Of days that retention keeps. */
const START_MS = Math.floor(Date.now() / DAY_MS - 2) * DAY_MS;
const MINUTE_MS = 60_000;
const CLIP_MS = 10_000;

export const exports: Scenario = {
  describes: 'an hour as one MP4 beside ffmpeg -c copy, over HTTP too, first byte of a day',
  async run({ repeat }, say) {
    const recorder = await startEmpty();
    const { folder } = recorder;
    try {
      const source = { kind: 'test' } as const;
      await recorder.add({ id: CAMERA, name: 'Export', enabled: false, source });
      await recorder.stop();
      await recordMinute(folder);
      const hour = await repeatMinute(folder, 60, copyFile);
      say(`an hour is in ${hour.length} files`);
      await recorder.start();
      const speed = await againstFfmpeg(recorder, hour, repeat, say);
      await recorder.stop();
      const day = await repeatMinute(folder, 1440, link);
      say(`a day is in ${day.length} files`);
      await recorder.start();
      const overHttp = await firstBytesOverHttp(recorder, repeat * 10);
      await recorder.stop();
      return [
        { title: 'an hour, 1080p at 4 Mbit/s with sound, into a file', rows: speed },
        {
          title: 'until the first byte, and the whole moov, of a range',
          rows: await firstBytes(folder, repeat * 10),
        },
        { title: 'until the first byte over HTTP', rows: overHttp },
      ];
    } finally {
      await recorder.discard();
    }
  },
};

/** One closed segment of a minute, through the writer. */
async function recordMinute(folder: string): Promise<void> {
  const { init, fragments } = await clip(folder);
  const silent = () => undefined;
  const archive = await Archive.open({
    stateDir: join(folder, 'state'),
    mediaDir: join(folder, 'media'),
    clock: { now: () => epochMs(Date.now()), monotonic: () => performance.now() },
    log: { info: silent, warn: silent, error: silent },
    segmentMs: 10 * MINUTE_MS,
    maxQueuedBytes: 2 ** 30,
    maxQueuedMs: 10 * MINUTE_MS,
  });
  archive.ledger.beginRun({ id: RUN, cameraId: CAMERA, stream: 'main', init, startedMs: epochMs(START_MS) });
  const writer = archive.writer(RUN, ({ message }) => {
    throw new Error(message);
  });
  for (let loop = 0; loop * CLIP_MS < MINUTE_MS; loop++) {
    const shift = msToTicks(loop * CLIP_MS);
    for (const fragment of fragments) {
      const startTicks = ticks(fragment.startTicks + shift);
      const chunks = rebaseChunks(fragment, shift, timescalesOf(init));
      const startMs = epochMs(START_MS + Math.round(ticksToMs(startTicks)));
      writer.append({ ...fragment, startTicks, chunks, sequence: loop * 1000 + fragment.sequence }, startMs);
    }
  }
  await writer.end();
  await archive.close();
}

async function clip(folder: string): Promise<{ init: InitSegment; fragments: readonly Fragment[] }> {
  const file = join(folder, 'clip.mp4');
  // Elementary streams have no times; the muxer wants them.
  const timed = join(folder, 'clip.mkv');
  const inputs = ['-f', 'h264', '-framerate', '25', '-i', await footage('hd'), '-i', await footage('aac')];
  await run('ffmpeg', ['-v', 'error', '-fflags', '+genpts', ...inputs, '-c', 'copy', timed]);
  const text = `filesrc location=${timed} ! matroskademux name=demux
    demux.video_0 ! queue ! h264parse ! mux. demux.audio_0 ! queue ! aacparse ! mux.
    mp4mux name=mux streamable=true fragment-duration=250 ! filesink location=${file}`;
  await run('gst-launch-1.0', ['-q', ...text.split(/\s+/)], { timeout: 60_000 });
  const inits: InitSegment[] = [];
  const fragments: Fragment[] = [];
  const fragmenter = new Fragmenter({
    onInit: (init) => inits.push(init),
    onFragment: (fragment) => fragments.push(fragment),
  });
  fragmenter.push(await readFile(file));
  fragmenter.flush();
  const [init] = inits;
  if (init === undefined) throw new Error('the encoder made no init segment');
  return { init, fragments };
}

/** Makes the archive `minutes` long: files beside the first, rows as of one run. Gives the files in order. */
async function repeatMinute(
  folder: string,
  minutes: number,
  make: (from: string, to: string) => Promise<void>,
): Promise<readonly string[]> {
  const database = Database.open(join(folder, 'state', 'nightjar.db'));
  const recorded = 'FROM segment WHERE camera_id = ? ORDER BY id LIMIT 1';
  const first = database
    .prepare<[string], { id: number; path: string }>(`SELECT id, path ${recorded}`)
    .get(CAMERA);
  if (first === undefined) throw new Error('nothing was recorded');
  // An empty recorder begins with a camera of its own, whose footage is in the way of the ids.
  database.execute(`DELETE FROM segment WHERE id <> ${first.id}`);
  const length = MINUTE_MS * 90;
  const segment = database.prepare<[number, string, number, number, number]>(
    `INSERT INTO segment SELECT ?, run_id, camera_id, volume_id, ?, start_ms + ?, end_ms + ?, start_ticks + ?,
       duration_ticks, bytes, header_bytes, frames, gops FROM segment WHERE id = ${first.id}`,
  );
  const samples = database.prepare<[number]>(
    `INSERT INTO sample_index SELECT ?, offset, front FROM sample_index WHERE segment_id = ${first.id}`,
  );
  const media = join(folder, 'media');
  const files = [join(media, first.path)];
  for (let minute = 1; minute < minutes; minute++) {
    const path = `${minutes}/${minute}.mp4`;
    await mkdir(dirname(join(media, path)), { recursive: true });
    await make(join(media, first.path), join(media, path));
    const ms = minute * MINUTE_MS;
    const id = first.id + minute;
    segment.run(id, path, ms, ms, minute * length);
    samples.run(id);
    files.push(join(media, path));
  }
  await database.close();
  return files;
}

async function againstFfmpeg(
  recorder: Recorder,
  files: readonly string[],
  repeat: number,
  say: (line: string) => void,
) {
  const { folder } = recorder;
  const list = join(folder, 'list.txt');
  await writeFile(list, files.map((file) => `file '${file}'\n`).join(''));
  const output = join(folder, 'out.mp4');
  const concat = ['-v', 'error', '-y', '-f', 'concat', '-safe', '0', '-i', list, '-map', '0', '-c', 'copy'];
  const url = `${recorder.address}/api/v1${exportRoute(60)}`;
  const download = (to: string) =>
    run('curl', ['-sS', '--fail-with-body', '-H', `authorization: ${AUTHORIZATION}`, '-o', to, url]);
  const subjects: Readonly<Record<string, () => Promise<unknown>>> = {
    'nightjar over HTTP, curl': () => download(output),
    nightjar: () => exportTo(folder, 60, output),
    // What the disk allows: the same bytes, just copied.
    'cat, of the files': () => run('sh', ['-c', 'cat "$@" > "$0"', output, ...files]),
    'ffmpeg -c copy': () => run('ffmpeg', [...concat, output]),
    'ffmpeg -c copy, moov first': () => run('ffmpeg', [...concat, '-movflags', '+faststart', output]),
    // Without the disk that takes the file, which is the same for all.
    'nightjar over HTTP, curl, discarded': () => download('/dev/null'),
    'nightjar, discarded': () => exportTo(folder, 60, '/dev/null'),
    'ffmpeg -c copy, discarded': () => run('ffmpeg', [...concat, '-f', 'mp4', '/dev/null']),
  };
  const seconds = new Map<string, number[]>();
  // In turns, so that what else the machine does hits all alike; the first turn warms the page cache.
  for (let turn = 0; turn <= repeat; turn++) {
    for (const [name, work] of Object.entries(subjects)) {
      await rm(output, { force: true });
      const began = performance.now();
      await work();
      const took = (performance.now() - began) / 1000;
      say(`${name}: ${took.toFixed(2)} s`);
      if (turn > 0) seconds.set(name, [...(seconds.get(name) ?? []), took]);
    }
  }
  return [...seconds].map(([subject, took]) => {
    // HTTP is compared as the rest: by how many times as long it takes as the command line.
    const ours = seconds.get(subject.endsWith('discarded') ? 'nightjar, discarded' : 'nightjar') ?? [];
    return {
      subject,
      'median s': rounded(median(took), 2),
      'best s': rounded(Math.min(...took), 2),
      'times ours': rounded(median(took) / median(ours), 1),
    };
  });
}

/** Somewhere within the first and the last minute, so that both are cut. */
function intervalOf(minutes: number) {
  return {
    startMs: epochMs(START_MS + 12_345),
    endMs: epochMs(START_MS + minutes * MINUTE_MS - 4_321),
  };
}

function exportRoute(minutes: number): string {
  const { startMs, endMs } = intervalOf(minutes);
  return `/cameras/${CAMERA}/export.mp4?start=${startMs}&end=${endMs}`;
}

async function firstBytesOverHttp(recorder: Recorder, repeat: number) {
  const rows = [];
  for (const minutes of [60, 1440]) {
    const firstMs: number[] = [];
    for (let turn = 0; turn < repeat; turn++) {
      const asked = performance.now();
      const answer = await fetch(`${recorder.address}/api/v1${exportRoute(minutes)}`, {
        headers: { authorization: AUTHORIZATION },
      });
      if (!answer.ok) throw new Error(`an export of ${minutes} minutes answers ${answer.status}`);
      const reader = answer.body?.getReader();
      await reader?.read();
      firstMs.push(performance.now() - asked);
      await reader?.cancel();
    }
    rows.push({
      minutes,
      'first byte p50 ms': rounded(median(firstMs), 1),
      'p95 ms': rounded(quantile(firstMs, 0.95), 1),
    });
  }
  return rows;
}

/** What the command does, without the start of a process. */
async function exportTo(folder: string, minutes: number, output: string): Promise<void> {
  const onlooker = Onlooker.open(join(folder, 'state'));
  const movie = await planned(onlooker, minutes);
  const file = await open(output, 'w');
  for await (const block of movie.read(0, movie.bytes, reusedBlocks())) await file.writeFile(block);
  await file.close();
  await onlooker.close();
}

async function planned({ exporter }: Onlooker, minutes: number): Promise<MovieFile> {
  const plan = await exporter.plan({ cameraId: CAMERA, ...intervalOf(minutes), gaps: 'close', part: null });
  return new MovieFile(exporter, plan);
}

async function firstBytes(folder: string, repeat: number) {
  const rows = [];
  for (const minutes of [1, 60, 1440]) {
    const [first, moov]: number[][] = [[], []];
    let bytes = 0;
    for (let turn = 0; turn < repeat; turn++) {
      // Each time as after a start: nothing is remembered of the files.
      const onlooker = Onlooker.open(join(folder, 'state'));
      const began = performance.now();
      const movie = await planned(onlooker, minutes);
      bytes = movie.bytes;
      for await (const block of movie.read()) {
        if (first !== undefined && first.length === turn) first.push(performance.now() - began);
        if (block.length >= 2 ** 19) break;
      }
      moov?.push(performance.now() - began);
      await onlooker.close();
    }
    rows.push({
      minutes,
      'MiB of the file': mebibytes(bytes),
      'first byte p50 ms': rounded(median(first ?? []), 1),
      'p95 ms': rounded(quantile(first ?? [], 0.95), 1),
      'moov p50 ms': rounded(median(moov ?? []), 1),
    });
  }
  return rows;
}
