/**
 * How far back footage will reach if cameras go on as they do now, and when the disk is full. What is full stays full:
 * from then on the oldest goes as new footage comes, and every camera reaches back equally far, within its limits. Pure.
 */
import type { CameraId } from './ids.ts';
import { reserveOf } from './retentionPolicy.ts';
import type { RetentionPolicy, SpaceRules, VolumeId } from './retentionWords.ts';

export interface ForecastVolume {
  readonly id: VolumeId;
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/** A camera on the volume that it writes to, or that it left footage on. */
export interface ForecastCamera {
  readonly cameraId: CameraId;
  readonly volumeId: VolumeId;
  readonly policy: RetentionPolicy;
  /** What there is of it on the volume, and how much of that is protected. */
  readonly bytes: number;
  readonly protectedBytes: number;
  /** Today's rate; 0 when it is not recorded. */
  readonly bytesPerSecond: number;
}

/** What makes footage go once it is as old as is foreseen. */
export type ForecastLimit = 'age' | 'bytes' | 'space';

export interface CameraForecast {
  readonly cameraId: CameraId;
  readonly volumeId: VolumeId;
  /** How far back its footage will reach, in ms of recording; null when it is not recorded or nothing ever goes. */
  readonly keptMs: number | null;
  readonly limit: ForecastLimit | null;
}

export interface VolumeForecast {
  readonly volumeId: VolumeId;
  /** The least of its cameras. */
  readonly keptMs: number | null;
  /** In how many ms the reserve is reached; 0 when it is, null when limits prevent it or nothing is recorded. */
  readonly fullInMs: number | null;
  /** How much of what is guaranteed will not fit. */
  readonly shortBytes: number;
}

export interface Forecast {
  readonly cameras: readonly CameraForecast[];
  readonly volumes: readonly VolumeForecast[];
}

/** A camera that is recorded: times in seconds, rate in bytes per second. */
interface Stream {
  readonly camera: ForecastCamera;
  readonly rate: number;
  /** How long its footage stays at least and at most, from its limits alone. */
  readonly least: number;
  readonly most: number;
  /** Whether the greatest age comes before the greatest size. */
  readonly byAge: boolean;
}

/** What there will be, per volume and per camera of a volume. Other programs are taken to write nothing. */
export function forecast(
  rules: SpaceRules,
  volumes: readonly ForecastVolume[],
  cameras: readonly ForecastCamera[],
): Forecast {
  const each = volumes.map((volume) =>
    forecastVolume(
      rules,
      volume,
      cameras.filter(({ volumeId }) => volumeId === volume.id),
    ),
  );
  return { cameras: each.flatMap((one) => one.cameras), volumes: each.map(({ volume }) => volume) };
}

function forecastVolume(
  rules: SpaceRules,
  { id, totalBytes, freeBytes }: ForecastVolume,
  cameras: readonly ForecastCamera[],
): { readonly volume: VolumeForecast; readonly cameras: readonly CameraForecast[] } {
  const spare = freeBytes - reserveOf(rules, totalBytes);
  const streams = cameras.filter(({ bytesPerSecond }) => bytesPerSecond > 0).map(streamOf);
  const capacity = Math.max(0, spare + sum(cameras.map(deletable)));
  const shortBytes = Math.max(0, Math.ceil(sum(streams.map(({ rate, least }) => rate * least)) - capacity));
  // What does not fit can't be guaranteed.
  const floor = (least: number): number => (shortBytes > 0 ? 0 : least);
  const reach = crossing(
    streams.flatMap(({ least, most }) => [floor(least), most]),
    (age) => sum(streams.map(({ rate, least, most }) => rate * Math.min(Math.max(age, floor(least)), most))),
    capacity,
  );
  const forecasts = cameras.map((camera): CameraForecast => {
    const stream = streams.find((each) => each.camera === camera);
    const known = { cameraId: camera.cameraId, volumeId: id };
    if (stream === undefined) return { ...known, keptMs: null, limit: null };
    return { ...known, ...fate(stream, Math.max(reach ?? Number.POSITIVE_INFINITY, floor(stream.least))) };
  });
  const kept = forecasts.flatMap(({ keptMs }) => (keptMs === null ? [] : [keptMs]));
  const fullIn = spare <= 0 ? 0 : timeToFill(streams, spare);
  return {
    volume: {
      volumeId: id,
      keptMs: kept.length === 0 ? null : Math.min(...kept),
      fullInMs: fullIn === null ? null : Math.floor(fullIn * 1000),
      shortBytes,
    },
    cameras: forecasts,
  };
}

function streamOf(camera: ForecastCamera): Stream {
  const { policy, protectedBytes, bytesPerSecond: rate } = camera;
  const seconds = (ms: number | null, none: number): number => (ms === null ? none : ms / 1000);
  // What is protected counts, and does not go.
  const filled = (bytes: number | null, none: number): number =>
    bytes === null ? none : Math.max(0, bytes - protectedBytes) / rate;
  const least = Math.max(seconds(policy.minAgeMs, 0), filled(policy.minBytes, 0));
  const age = seconds(policy.maxAgeMs, Number.POSITIVE_INFINITY);
  const size = filled(policy.maxBytes, Number.POSITIVE_INFINITY);
  return { camera, rate, least, most: Math.max(least, Math.min(age, size)), byAge: age <= size };
}

function fate({ most, byAge }: Stream, reach: number): Pick<CameraForecast, 'keptMs' | 'limit'> {
  const kept = Math.min(reach, most);
  if (kept === Number.POSITIVE_INFINITY) return { keptMs: null, limit: null };
  const limit = reach < most ? 'space' : byAge ? 'age' : 'bytes';
  return { keptMs: Math.floor(kept * 1000), limit };
}

/** Seconds until the streams have grown by so many bytes; null when their limits come first. */
function timeToFill(streams: readonly Stream[], spare: number): number | null {
  // A stream that is over its limit now gives back what is too much.
  const rooms = streams.map(({ camera, rate, most }) => ({ rate, room: rate * most - deletable(camera) }));
  const grown = (time: number): number => sum(rooms.map(({ rate, room }) => Math.min(rate * time, room)));
  return crossing(
    rooms.map(({ rate, room }) => Math.max(0, room / rate)),
    grown,
    spare,
  );
}

/**
 * Where a function that never falls, and is straight between the bends, reaches a value; null when it does not. 0 when
 * it is there from the start.
 */
function crossing(bends: readonly number[], f: (x: number) => number, value: number): number | null {
  let from = 0;
  for (const bend of bends.filter(Number.isFinite).sort((a, b) => a - b)) {
    if (f(bend) >= value) return between(from, bend, f, value);
    from = bend;
  }
  const further = from + Math.max(1, from);
  return f(further) > f(from) ? between(from, further, f, value) : null;
}

function between(from: number, to: number, f: (x: number) => number, value: number): number {
  const rise = f(to) - f(from);
  return rise > 0 ? Math.max(0, from + ((value - f(from)) * (to - from)) / rise) : from;
}

function deletable({ bytes, protectedBytes }: ForecastCamera): number {
  return bytes - protectedBytes;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
