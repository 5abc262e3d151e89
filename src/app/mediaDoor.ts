/** Media for the cameras: probing and runs, with the encoder that works here and the folder of file sources. */
import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { MediaDoor, ProbeResult } from '../cameras/doors.ts';
import type { Config } from '../config.ts';
import type { Encode, Source } from '../domain/camera.ts';
import { encodedFormat, PLAIN_ENCODE } from '../domain/encode.ts';
import { NvrError } from '../domain/errors.ts';
import { subKey } from '../domain/ids.ts';
import type { StreamFormat } from '../domain/media.ts';
import type { Clock } from '../domain/time.ts';
import { apart, type Captures } from '../media/captures.ts';
import type { Encoders } from '../media/encoders.ts';
import type { Encoding } from '../media/plan.ts';
import { StreamRun } from '../media/run.ts';
import type { Taps } from '../media/tap.ts';
import { expectConnectable, expectRedirect } from './sourceGuard.ts';

export interface MediaParts {
  readonly encoders: Encoders;
  readonly captures: Captures;
  readonly taps: Taps;
  /** Folder for FIFOs. */
  readonly runtimeDir: string;
  readonly clock: Clock;
  /** An encoder failed at work; the next one takes its place. */
  encoderFailed(encoder: string, reason: string): void;
}

export function mediaDoor(config: Config, parts: MediaParts): MediaDoor {
  const { fragmentMs, queueSeconds } = config;
  const { encoders, captures, taps, runtimeDir, clock } = parts;
  const around = { runtimeDir, fragmentMs, queueMs: queueSeconds * 1000, clock };
  return {
    prepare: (source, encode) => prepared(source, encode, parts),
    hear: async (source) => (source.kind === 'v4l2' ? await captures.hear(source) : null),
    probe: async (source, encode) => encoded(await lookAt(source, config, captures), encode),
    async openRun({ cameraId, stream, source, encode, ...request }, events) {
      const encoding = await encodingOf(request.format, encode, encoders);
      const options = {
        ...request,
        ...around,
        source: await located(source, config.fileSourceDir),
        encoding,
        player: captures.playerOf(source),
        expectAllowed: expectRedirect,
        tap: taps.of(stream === 'main' ? cameraId : subKey(cameraId)),
        onEncoderFailed: (reason: string) => {
          if (encoding === null) return;
          encoders.failed(encoding.encoder.name, reason);
          parts.encoderFailed(encoding.encoder.name, reason);
        },
      };
      return await StreamRun.open(options, events);
    },
  };
}

/** What a device can be asked for that is recorded as it comes. */
const ENCODING_DEVICES: readonly string[] = ['H264', 'H265', 'HEVC'];

/** The process of a source that has one, and the trials of the encoders where one will be needed. */
function prepared(
  source: Source,
  encode: Encode | null,
  { captures, encoders }: Pick<MediaParts, 'captures' | 'encoders'>,
): Promise<void> | null {
  const held = apart(source);
  const encodes =
    encode !== null || (source.kind === 'v4l2' && !ENCODING_DEVICES.includes(source.pixelFormat ?? ''));
  if (!encodes && held === null) return null;
  return (async () => {
    // That none works is said where one is wanted.
    if (encodes) await encoders.choose();
    if (held !== null) await captures.prepare(held);
  })();
}

/** What is at a source, as it arrives. Never throws for what a camera, a device or a file does. */
export async function lookAt(
  source: Source,
  { fileSourceDir }: Pick<Config, 'fileSourceDir'>,
  captures: Captures,
): Promise<ProbeResult> {
  try {
    return await captures.probe(await located(source, fileSourceDir), { expectAllowed: expectRedirect });
  } catch (thrown) {
    if (!(thrown instanceof NvrError) || thrown.kind === 'internal') throw thrown;
    return { ok: false, cause: 'not-found', message: thrown.message };
  }
}

function encoded(found: ProbeResult, encode: Encode | null): ProbeResult {
  return found.ok ? { ...found, format: encodedFormat(found.format, encode) } : found;
}

async function encodingOf(
  { video }: StreamFormat,
  encode: Encode | null,
  encoders: Encoders,
): Promise<Encoding | null> {
  if (video.encodedFrom === undefined) return null;
  return { encode: encode ?? PLAIN_ENCODE, encoder: await encoders.expect() };
}

/** A file where it really is: symbolic links do not lead out of the folder either. */
async function located(source: Source, folder: string | null): Promise<Source> {
  await expectConnectable(source, 'source');
  if (source.kind !== 'file') return source;
  if (folder === null) {
    const message = 'Files are no sources here: the setting fileSourceDir names no folder.';
    throw new NvrError('unavailable', message, { field: 'source.path' });
  }
  const path = await realpath(join(folder, source.path)).catch(() => null);
  const inside = `${await realpath(folder).catch(() => folder)}${sep}`;
  if (path?.startsWith(inside)) return { ...source, path };
  throw new NvrError('not-found', `There is no file ${source.path} in the folder of file sources.`, {
    field: 'source.path',
  });
}
