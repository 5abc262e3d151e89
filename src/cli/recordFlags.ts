/** The flags of the command `record`, and what they ask for. */
import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import type { Encode, Source } from '../domain/camera.ts';
import { ENCODER_NAMES } from '../domain/encode.ts';
import { NvrError } from '../domain/errors.ts';
import type { RecordRequest } from '../domain/recordOnce.ts';
import { Given } from './given.ts';
import { limitsOf, SOURCE_ALONE, SOURCE_SWITCHES, SOURCE_TEXTS, sourceOf } from './sourceFlags.ts';

const TEXTS = [
  ...SOURCE_TEXTS,
  ...(['output', 'duration', 'text', 'clock', 'bitrate', 'encoder'] as const),
] as const;
const SWITCHES = [...SOURCE_SWITCHES, 'no-audio', 'force'] as const;
export type RecordFlags = Given<(typeof TEXTS)[number], (typeof SWITCHES)[number]>;

/** `--clock` and `--csi` may stand without a value. @throws NvrError `invalid` for a flag that is not known. */
export function readRecordFlags(argv: readonly string[]): RecordFlags {
  const alone = { ...SOURCE_ALONE, clock: '%Y-%m-%d %H:%M:%S' };
  return new Given('record', argv, { texts: TEXTS, switches: SWITCHES, alone });
}

/** What the flags ask for. @throws NvrError `invalid` naming the flag, `conflict` when the output exists. */
export function requestOf(flags: RecordFlags): RecordRequest {
  const source = sourceOf(flags);
  const encoder = flags.text('encoder');
  const known = ENCODER_NAMES.find((name) => name === encoder) ?? null;
  if (encoder !== undefined && known === null)
    throw flags.wrong('encoder', `one of ${ENCODER_NAMES.join(', ')}`);
  const seconds = flags.number('duration', 0.1, 864_000);
  return {
    source,
    encode: encodeOf(flags, source),
    encoder: known,
    audio: !flags.has('no-audio'),
    durationMs: seconds === undefined ? null : seconds * 1000,
    output: outputOf(flags),
  };
}

function outputOf(flags: RecordFlags): RecordRequest['output'] {
  const output = flags.text('output');
  const container = extname(output ?? '').slice(1);
  if (output === undefined || (container !== 'mp4' && container !== 'ts' && container !== 'mkv')) {
    throw flags.wrong('output', 'a file that ends in .mp4, .ts or .mkv');
  }
  const path = resolve(output);
  if (!flags.has('force') && existsSync(path)) {
    throw new NvrError('conflict', `${output} exists; --force replaces it.`, { field: 'output' });
  }
  return { path, container };
}

/** Limits of a device are what it is asked for, and need no encoding of their own. */
function encodeOf(flags: RecordFlags, { kind }: Source): Encode | null {
  const [text, clock] = [flags.text('text'), flags.text('clock')];
  const limits = kind === 'v4l2' || kind === 'test' ? {} : limitsOf(flags);
  const kbitPerSecond = flags.number('bitrate', 64, 200_000);
  const asked = [text, clock, kbitPerSecond, flags.text('encoder')].some((each) => each !== undefined);
  if (!asked && Object.keys(limits).length === 0) return null;
  return {
    ...{ keyframeSeconds: 2, preset: 'fast' as const },
    ...limits,
    ...(kbitPerSecond !== undefined && { kbitPerSecond }),
    ...((text !== undefined || clock !== undefined) && {
      overlay: {
        ...{ position: 'top-left' as const, fontSize: 18 },
        ...(text !== undefined && { text }),
        ...(clock !== undefined && { clock }),
      },
    }),
  };
}
