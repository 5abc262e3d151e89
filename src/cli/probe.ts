/** The command `probe`: what a source gives, or what this machine can capture and encode. */
import type { Source } from '../domain/camera.ts';
import type { Devices } from '../domain/devices.ts';
import type { StreamFormat } from '../domain/media.ts';
import { Given } from './given.ts';
import type { Command } from './run.ts';
import { SOURCE_ALONE, SOURCE_HELP, SOURCE_SWITCHES, SOURCE_TEXTS, sourceOf } from './sourceFlags.ts';
import { tableOf } from './table.ts';

export interface EncoderLine {
  readonly name: string;
  readonly says: string;
  readonly state: string;
  readonly reason: string | null;
}

/** What can be looked at without a recorder. */
export interface ProbeLook {
  /** Connects once. @throws NvrError `unavailable` saying why the source gives nothing */
  source(source: Source): Promise<StreamFormat>;
  devices(): Promise<Devices>;
  /** In the order in which they are tried. */
  encoders(): Promise<readonly EncoderLine[]>;
}

const HELP = `Usage: nightjar probe SOURCE [OPTIONS]
       nightjar probe --devices | --encoders

Connects to a source once, and says what picture and sound it gives; or lists the capture devices of this machine, or its
encoders, with a trial run. For people on a terminal; elsewhere and with --json as one JSON object.

${SOURCE_HELP}
Options:
  --audio-device DEV  sound of a capture device, as ALSA names it: hw:4,0
  --transport udp     RTSP over UDP instead of TCP
  --width --height --fps --pixel-format   what a device is asked for

Exit codes: 0 it can be recorded; 64 wrong usage; 69 it can't be reached or recorded.
`;

const SWITCHES = [...SOURCE_SWITCHES, 'devices', 'encoders', 'json'] as const;

/** The command, around whatever looks. */
export function probeCommand(look: ProbeLook): Command {
  return {
    describes: 'say what a source gives, or what this machine can capture (see nightjar probe --help)',
    async run(argv) {
      const flags = new Given('probe', argv, {
        texts: SOURCE_TEXTS,
        switches: SWITCHES,
        alone: SOURCE_ALONE,
      });
      if (flags.has('help')) {
        process.stdout.write(HELP);
        return 0;
      }
      const asJson = flags.has('json') || !process.stdout.isTTY;
      const show = <T>(found: T, words: (found: T) => string) =>
        void process.stdout.write(asJson ? `${JSON.stringify(found)}\n` : words(found));
      if (flags.has('devices')) show(await look.devices(), deviceWords);
      else if (flags.has('encoders')) show(await look.encoders(), encoderWords);
      else show(await look.source(sourceOf(flags)), formatWords);
      return 0;
    },
  };
}

function formatWords({ video, audio }: StreamFormat): string {
  const rate = video.fps === 0 ? '' : `, ${Number(video.fps.toFixed(2))} frames a second`;
  const anew = video.encodedFrom === undefined ? '' : ` (${video.encodedFrom}, which is encoded anew)`;
  const sound = audio === null ? 'none' : `${audio.codec}, ${audio.sampleRate} Hz, ${audio.channels} ch`;
  return tableOf([
    ['picture', `${video.codec}, ${video.width}x${video.height}${rate}${anew}`],
    ['sound', sound],
  ]);
}

function deviceWords({ video, audio }: Devices): string {
  if (video.length + audio.length === 0) return 'This machine has no capture device.\n';
  return tableOf([
    ['DEVICE', 'NOW', 'NAME', 'GIVES'],
    ...video.flatMap(({ device, node, name, modes, problem }) => {
      const gives = modes.map(({ pixelFormat, width, height, fps }) => {
        const size = width === null || height === null ? 'any size' : `${width}x${height}`;
        return `${pixelFormat} ${size}${fps.length === 0 ? '' : ` at ${fps.join(', ')}`}`;
      });
      const [first = '', ...more] = problem === null ? gives : [problem];
      return [[device, node, name, first], ...more.map((each) => ['', '', '', each])];
    }),
    ...audio.map(({ device, node, name, problem }) => [device, node, name, problem ?? 'sound']),
  ]);
}

function encoderWords(encoders: readonly EncoderLine[]): string {
  const rows = encoders.map(({ name, says, state, reason }) => [name, says, state, reason ?? '']);
  return tableOf([['ENCODER', 'WHAT', 'STATE', 'WHY'], ...rows]);
}
