/** The command `record`: one camera, device or file into one file, without a recorder. */
import type { RecordProgress, RecordRequest, RecordSummary } from '../domain/recordOnce.ts';
import { readRecordFlags, requestOf } from './recordFlags.ts';
import type { Command } from './run.ts';
import { SOURCE_HELP } from './sourceFlags.ts';
import { clearLine, drawBar } from './statusLine.ts';

export type Record = (
  request: RecordRequest,
  signal: AbortSignal,
  onProgress: (progress: RecordProgress) => void,
) => Promise<RecordSummary>;

const HELP = `Usage: nightjar record SOURCE --output FILE.mp4|.ts|.mkv [OPTIONS]

Records one source into one file, which plays whenever and however the recording ends. Progress is a line on a
terminal, and one JSON object a line elsewhere. Ctrl-C ends the file properly.

${SOURCE_HELP}
Options:
  --duration S        seconds; without, until Ctrl-C
  --audio-device DEV  sound of a capture device, as ALSA names it: hw:4,0
  --no-audio          leave sound out
  --transport udp     RTSP over UDP instead of TCP
  --latency MS        how long RTSP packets may take to arrive in order
  --width --height --fps   of a device: what it is asked for; of anything else: limits, encoded anew
  --pixel-format F    of a device: NV16, MJPG, H264…
  --text TEXT --clock [FORMAT]   drawn into the picture, encoded anew; FORMAT as strftime
  --bitrate KBIT --encoder NAME  of what is encoded anew
  --force             replace FILE

Exit codes: 0 recorded; 64 wrong usage; 69 the source could not be recorded, ended by itself, or was ended before anything
came; 73 FILE exists; 74 the disk is full.
`;

const ENDED_BY_ITSELF = 69;
const LINE_MS = 1_000;
const DRAW_MS = 200;
/** The command, around whatever records. */
export function recordCommand(record: Record): Command {
  return {
    describes: 'record one source into one file (see nightjar record --help)',
    async run(argv) {
      const flags = readRecordFlags(argv);
      if (flags.has('help')) {
        process.stdout.write(HELP);
        return 0;
      }
      return await runRecord(requestOf(flags), record);
    },
  };
}

async function runRecord(request: RecordRequest, record: Record): Promise<number> {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const { failure, ...summary } = await shown(record, request, stop.signal);
    if (process.stderr.isTTY) process.stderr.write(`${sentence(summary)}\n`);
    else say('done', { ...summary, failure });
    if (failure === null) return 0;
    process.stderr.write(`nightjar: the source ended by itself: ${failure}\n`);
    return ENDED_BY_ITSELF;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** Records, and shows how far it is; on a terminal nothing is left of that when it is over. */
async function shown(record: Record, request: RecordRequest, signal: AbortSignal): Promise<RecordSummary> {
  if (!process.stderr.isTTY) return await record(request, signal, sayLines());
  drawBar(null, 'Connecting…');
  try {
    return await record(request, signal, drawLine(request));
  } finally {
    clearLine();
  }
}

function drawLine({ durationMs }: RecordRequest): (progress: RecordProgress) => void {
  let shownMs = Number.NEGATIVE_INFINITY;
  return ({ bytes, frames, mediaMs }) => {
    if (performance.now() - shownMs < DRAW_MS) return;
    shownMs = performance.now();
    const of = durationMs === null ? '' : ` of ${(durationMs / 1000).toFixed(0)}`;
    const words = `${(mediaMs / 1000).toFixed(1)}${of} s  ${frames} frames  ${(bytes / 1e6).toFixed(1)} MB`;
    drawBar(durationMs === null ? null : mediaMs / durationMs, words);
  };
}

function sayLines(): (progress: RecordProgress) => void {
  let shownMs = Number.NEGATIVE_INFINITY;
  return (progress) => {
    if (performance.now() - shownMs < LINE_MS) return;
    say(shownMs === Number.NEGATIVE_INFINITY ? 'recording' : 'progress', progress);
    shownMs = performance.now();
  };
}

function say(event: string, facts: object): void {
  process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`);
}

function sentence({ file, video, audio, mediaMs, frames, bytes }: Omit<RecordSummary, 'failure'>): string {
  const media = audio === null ? video : `${video} with ${audio}`;
  return `${file}: ${media}, ${(mediaMs / 1000).toFixed(1)} s, ${frames} frames, ${(bytes / 1e6).toFixed(2)} MB`;
}
