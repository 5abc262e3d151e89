/**
 * How well activity from the sizes of frames agrees with what decoding shows: seconds of a recording in which enough of
 * the picture changed, against seconds in which activity was at least so much. And what measuring costs.
 */
import { execFileSync } from 'node:child_process';
import { ActivityMeter } from '../../src/domain/activity.ts';
import type { Cell, Scenario } from './scenario.ts';
import { rounded } from './scenario.ts';

/** The picture that is compared is this large; noise below so much of 255 is no change. */
const [WIDTH, HEIGHT] = [160, 120];
const NOISE = 12;
/** So much of the picture has to change from frame to frame, on average over a second, to be a movement. */
const MOVING_SHARES = [0.0005, 0.001, 0.003];
const LEVELS = [10, 15, 25, 40, 60, 100];
/** The picture is taught first. */
const LEARNING_SECONDS = 12;
const COST_FRAMES = 2_000_000;

interface Packet {
  readonly pts: number;
  readonly dts: number;
  readonly size: number;
  readonly key: boolean;
}

export const activity: Scenario = {
  describes: 'activity from sizes of frames against decoded pictures of the file ACTIVITY_FILE, and its cost',
  async run() {
    const { ACTIVITY_FILE: file } = process.env;
    const cost = { title: 'what measuring costs', rows: [costRow()] };
    if (file === undefined) return [cost];
    const packets = packetsOf(file);
    const zero = Math.min(...packets.map(({ pts }) => pts));
    const told = measured(packets, zero);
    const moved = movedOf(file, packets, zero);
    const rows = MOVING_SHARES.flatMap((share) => LEVELS.map((level) => compared(told, moved, share, level)));
    return [{ title: `${told.size} seconds, ${packets.length} frames`, rows }, cost];
  },
};

/** Precision and recall; a second beside one that moved counts as one, for a frame is decoded before it is shown. */
function compared(
  told: ReadonlyMap<number, number>,
  moved: ReadonlyMap<number, number>,
  share: number,
  level: number,
): Record<string, Cell> {
  const seconds = [...moved.keys()].filter((second) => second >= LEARNING_SECONDS);
  const isMoving = (second: number) => (moved.get(second) ?? 0) >= share;
  const isTold = (second: number) => (told.get(second) ?? 0) >= level;
  const near = (is: (second: number) => boolean) => (second: number) =>
    is(second) || is(second - 1) || is(second + 1);
  const moving = seconds.filter(isMoving);
  const alarms = seconds.filter(isTold);
  const percent = (part: number, whole: number) => (whole === 0 ? null : rounded((100 * part) / whole));
  return {
    'changed at least': `${share * 100} %`,
    seconds: moving.length,
    'activity at least': level,
    'told of': alarms.length,
    'precision %': percent(alarms.filter(isMoving).length, alarms.length),
    'recall %': percent(moving.filter(isTold).length, moving.length),
    'precision ± 1 s %': percent(alarms.filter(near(isMoving)).length, alarms.length),
    'recall ± 1 s %': percent(moving.filter(near(isTold)).length, moving.length),
  };
}

function measured(packets: readonly Packet[], zero: number): Map<number, number> {
  const meter = new ActivityMeter();
  const told = new Map<number, number>();
  for (const [index, { pts, dts, size, key }] of packets.entries()) {
    const duration = Math.max(0.001, (packets[index + 1]?.dts ?? dts + 0.04) - dts);
    const startMs = Math.max(0, dts - zero) * 1000;
    const run = {
      startMs,
      endMs: startMs + duration * 1000,
      key,
      bytes: [size],
      delays: [pts - dts],
      duration,
    };
    for (const { second, activity: found } of meter.add(run)) told.set(second, found ?? 0);
  }
  return told;
}

/** Share of the picture that changed from frame to frame, on average of each second. */
function movedOf(file: string, packets: readonly Packet[], zero: number): Map<number, number> {
  const ask = [
    '-v',
    'error',
    '-i',
    file,
    '-an',
    '-fps_mode',
    'passthrough',
    '-vf',
    `scale=${WIDTH}:${HEIGHT},boxblur=1`,
  ];
  const raw = execFileSync('ffmpeg', [...ask, '-pix_fmt', 'gray', '-f', 'rawvideo', '-'], {
    maxBuffer: 2 ** 31,
  });
  const size = WIDTH * HEIGHT;
  const times = packets.map(({ pts }) => pts).sort((a, b) => a - b);
  const sums = new Map<number, { sum: number; frames: number }>();
  for (let frame = 1; frame < raw.length / size; frame++) {
    let changed = 0;
    for (let at = frame * size; at < (frame + 1) * size; at++) {
      if (Math.abs((raw[at] ?? 0) - (raw[at - size] ?? 0)) > NOISE) changed++;
    }
    const second = Math.floor((times[frame] ?? 0) - zero);
    const known = sums.get(second) ?? { sum: 0, frames: 0 };
    sums.set(second, { sum: known.sum + changed / size, frames: known.frames + 1 });
  }
  return new Map([...sums].map(([second, { sum, frames }]) => [second, sum / frames]));
}

function packetsOf(file: string): Packet[] {
  const show = [
    '-select_streams',
    'v',
    '-show_entries',
    'packet=pts_time,dts_time,size,flags',
    '-of',
    'json',
  ];
  const text = execFileSync('ffprobe', ['-v', 'error', ...show, file], {
    maxBuffer: 2 ** 28,
    encoding: 'utf8',
  });
  const { packets }: { packets: { pts_time: string; dts_time: string; size: string; flags: string }[] } =
    JSON.parse(text);
  return packets.map(({ pts_time, dts_time, size, flags }) => {
    return { pts: Number(pts_time), dts: Number(dts_time), size: Number(size), key: flags.startsWith('K') };
  });
}

/** Of 32 cameras with 25 frames a second, in fragments of a quarter of a second. */
function costRow(): Record<string, Cell> {
  const meter = new ActivityMeter();
  const frames = 6;
  const bytes = Array.from({ length: frames }, (_, index) => 2_000 + index * 100);
  const delays = bytes.map(() => 0);
  const begun = process.cpuUsage();
  for (let at = 0; at < COST_FRAMES / frames; at++) {
    meter.add({
      startMs: at * 240,
      endMs: at * 240 + 240,
      key: at % 8 === 0,
      bytes,
      delays,
      duration: 21_600,
    });
  }
  const { user, system } = process.cpuUsage(begun);
  const nsPerFrame = ((user + system) * 1000) / COST_FRAMES;
  return {
    'ns per frame': rounded(nsPerFrame),
    '% of a core for 32 cameras at 25/s': rounded((nsPerFrame * 800) / 1e7, 4),
  };
}
