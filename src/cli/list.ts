/** The command `list`: the cameras and when they were recorded, straight from the index, beside a recorder too. */
import { NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import { cameraId } from '../domain/ids.ts';
import { type EpochMs, epochMs } from '../domain/time.ts';
import { formatIso, type Zone } from '../domain/zone.ts';
import type { Command } from './run.ts';
import { configOf, readFlags } from './settings.ts';
import { tableOf } from './table.ts';

/** An archive to look at. */
export interface ListLook {
  /** The name is null of a camera that was removed and left footage. */
  cameras(): readonly { readonly id: CameraId; readonly name: string | null }[];
  /** In the order of their starts; the end is null while it lasts. */
  recordings(camera: CameraId): readonly { readonly startMs: EpochMs; readonly endMs: EpochMs | null }[];
  close(): Promise<void>;
}

const HELP = `Usage: nightjar list [--camera ID] [--json] [--state-dir DIR]

Lists the cameras with the first and last footage of each; of one camera, every interval that was recorded.
On a terminal as a table, elsewhere and with --json as one JSON object a line.
`;

/** One line: of a camera, or of a recording of it. */
interface Line {
  readonly camera: string;
  readonly name: string | null;
  readonly from: string | null;
  readonly to: string | null;
  /** Recordings, and how long they are together. */
  readonly recordings: number;
  readonly hours: number;
}

/** The command, around whatever opens an archive. */
export function listCommand(look: (stateDir: string) => ListLook): Command {
  return {
    describes: 'list cameras and when they were recorded (see nightjar list --help)',
    async run(argv) {
      const { help, json, camera, ...flags } = readFlags(argv, ['json'], ['camera']);
      if (help === true) {
        process.stdout.write(HELP);
        return 0;
      }
      const { config } = configOf(flags);
      const wanted = typeof camera === 'string' ? cameraId(camera, 'camera') : null;
      const archive = look(config.stateDir);
      try {
        const lines = linesOf(archive, wanted, config.timeZone, epochMs(Date.now()));
        process.stdout.write(json === true || !process.stdout.isTTY ? asJson(lines) : asTable(lines));
      } finally {
        await archive.close();
      }
      return 0;
    },
  };
}

function linesOf(archive: ListLook, wanted: CameraId | null, zone: Zone, now: EpochMs): Line[] {
  const cameras = archive.cameras().filter(({ id }) => wanted === null || id === wanted);
  if (wanted !== null && cameras.length === 0)
    throw new NvrError('not-found', `There is no camera ${wanted}. See nightjar list.`, { field: 'camera' });
  return cameras.flatMap(({ id, name }) => {
    const recordings = archive
      .recordings(id)
      .map(({ startMs, endMs }) => ({ startMs, endMs: endMs ?? now }))
      .filter(({ startMs, endMs }) => endMs > startMs);
    const groups = wanted === null ? [recordings] : recordings.map((recording) => [recording]);
    return groups.map((group): Line => {
      const ms = group.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
      const [first, last] = [group[0], group.at(-1)];
      return {
        camera: id,
        name,
        from: first === undefined ? null : formatIso(first.startMs, zone),
        to: last === undefined ? null : formatIso(last.endMs, zone),
        recordings: group.length,
        hours: Math.round(ms / 36_000) / 100,
      };
    });
  });
}

function asJson(lines: readonly Line[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function asTable(lines: readonly Line[]): string {
  const rows = lines.map(({ camera, name, from, to, recordings, hours }) => {
    return [camera, name ?? '(removed)', from ?? '–', to ?? '–', `${recordings}`, hours.toFixed(2)];
  });
  return tableOf([['CAMERA', 'NAME', 'FROM', 'TO', 'RECORDINGS', 'HOURS'], ...rows]);
}
