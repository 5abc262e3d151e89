/** The command `export`: any interval of a camera into one file, straight from the folders, beside a recorder too. */
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { NvrError } from '../domain/errors.ts';
import { fileError } from '../domain/fileErrors.ts';
import { type CameraId, cameraId } from '../domain/ids.ts';
import { type EpochMs, epochMs, type Interval } from '../domain/time.ts';
import { formatIso, type Zone } from '../domain/zone.ts';
import { moment } from './moment.ts';
import { type Progress, progressOf } from './progress.ts';
import type { Command } from './run.ts';
import { configOf, type Flags, readFlags } from './settings.ts';
import { wrong } from './usage.ts';

export interface ExportRequest extends Interval {
  readonly cameraId: CameraId;
  readonly gaps: 'close' | 'split';
  readonly part: number | null;
  readonly format: 'mp4' | 'fmp4';
}

/** What is delivered: its length, the interval of its footage, its bytes. */
export interface Delivery extends Interval {
  readonly bytes: number;
  /** A block holds until the next is asked for. */
  read(): AsyncIterable<Buffer>;
}

/** An archive to take footage from. */
export interface ExportLook {
  open(request: ExportRequest, now: EpochMs): Promise<Delivery>;
  close(): Promise<void>;
}

const HELP = `Usage: nightjar export --camera ID --from TIME --to TIME --output FILE [OPTIONS]

Writes the frames of [from, to) into one MP4 as they were recorded. The footage of the minute that is being
written right now is left out. Progress is shown on a terminal, and is one JSON object a line elsewhere.

  --camera ID       see nightjar list
  --from, --to      2026-03-29T02:30:00+01:00, "2026-03-29 02:30" in --time-zone, or ms since 1970
  --output FILE     must not exist, unless
  --force           is given
  --gaps close      leave out gaps (as usual); split: begin a new part after each
  --part N          which part, where the range is several files: the format changes in it
  --format fmp4     fragmented MP4 of whole GOPs, instead of mp4
  --state-dir       folder of the index
`;

const VALUES = ['camera', 'from', 'to', 'output', 'gaps', 'part', 'format'];
/** As a shell tells that a signal ended a command. */
const INTERRUPTED = 130;

/** The command, around whatever opens an archive. */
export function exportCommand(look: (stateDir: string) => ExportLook): Command {
  return {
    describes: 'write an interval of a camera into an MP4 file (see nightjar export --help)',
    run: (argv) => runExport(argv, look),
  };
}

async function runExport(argv: readonly string[], look: (stateDir: string) => ExportLook): Promise<number> {
  const { help, force, ...flags } = readFlags(argv, ['force'], VALUES);
  if (help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const { config } = configOf(flags);
  const request = requestOf(flags, config.timeZone);
  const output = needed(flags, 'output');
  const archive = look(config.stateDir);
  try {
    const delivery = await archive.open(request, epochMs(Date.now()));
    const about = aboutOf(request, delivery, output, config.timeZone);
    return await write(delivery, output, force === true, progressOf(about, delivery.bytes));
  } finally {
    await archive.close();
  }
}

function requestOf(flags: Flags, zone: Zone): ExportRequest {
  const { gaps = 'close', part, format = 'mp4' } = flags;
  const startMs = moment(needed(flags, 'from'), zone, 'from');
  const endMs = moment(needed(flags, 'to'), zone, 'to');
  if (startMs >= endMs) throw new NvrError('invalid', '--from must be before --to.', { field: 'to' });
  if (gaps !== 'close' && gaps !== 'split') throw wrong('export', 'gaps', 'close or split');
  if (format !== 'mp4' && format !== 'fmp4') throw wrong('export', 'format', 'mp4 or fmp4');
  if (part !== undefined && !/^[1-9]\d{0,6}$/.test(String(part)))
    throw wrong('export', 'part', 'a number from 1');
  const chosen = part === undefined ? null : Number(part);
  return {
    cameraId: cameraId(needed(flags, 'camera'), 'camera'),
    startMs,
    endMs,
    gaps,
    part: chosen,
    format,
  };
}

function needed(flags: Flags, name: string): string {
  const value = flags[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new NvrError('invalid', `--${name} is needed. See nightjar export --help.`, { field: name });
}

function aboutOf(request: ExportRequest, { startMs, endMs, bytes }: Delivery, output: string, zone: Zone) {
  const from = formatIso(startMs, zone);
  const to = formatIso(endMs, zone);
  return { camera: request.cameraId, from, to, bytes, output };
}

/** An existing file is replaced only once the new one is whole; a file that is not finished is removed. */
async function write(
  delivery: Delivery,
  output: string,
  force: boolean,
  progress: Progress,
): Promise<number> {
  const target = force ? `${output}.part` : output;
  const file = await opened(target, force ? 'w' : 'wx');
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const whole = await copy(delivery, file, progress, stop.signal);
    await file.close();
    if (!whole) {
      await unlink(target);
      return INTERRUPTED;
    }
    if (force) await rename(target, output);
    progress.done();
    return 0;
  } catch (error) {
    await file.close().catch(() => undefined);
    await unlink(target).catch(() => undefined);
    throw error instanceof NvrError ? error : fileError(target, error);
  } finally {
    progress.end();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** False when it was interrupted. */
async function copy(
  delivery: Delivery,
  file: FileHandle,
  progress: Progress,
  signal: AbortSignal,
): Promise<boolean> {
  let written = 0;
  for await (const block of delivery.read()) {
    if (signal.aborted) return false;
    await file.writeFile(block);
    written += block.length;
    progress.show(written);
  }
  if (written !== delivery.bytes) {
    throw new NvrError('internal', `${written} bytes came instead of ${delivery.bytes}.`);
  }
  await file.sync();
  return !signal.aborted;
}

async function opened(path: string, flags: 'w' | 'wx'): Promise<FileHandle> {
  try {
    return await open(path, flags, 0o640);
  } catch (error) {
    throw fileError(path, error);
  }
}
