/** Counts what cameras deliver and miss, for Prometheus. Delays none of them. */
import type { Ledger, RingDoor, Surroundings } from '../cameras/doors.ts';
import type { CameraWithStatus } from '../cameras/fleet.ts';
import type { CameraId } from '../domain/ids.ts';
import { RateMeter } from '../domain/rateMeter.ts';
import type { Clock, EpochMs } from '../domain/time.ts';
import type { MetricFamily } from '../http/ports.ts';
import type { RunFragment } from '../mp4/types.ts';

interface Meter {
  readonly rate: RateMeter;
  bytes: number;
  frames: number;
  fragments: number;
  /** Pipelines that were opened. */
  connections: number;
  gapMs: number;
  /** Of the gap that is open. */
  gapFromMs: EpochMs | null;
}

export class CameraMeters {
  readonly #clock: Clock;
  readonly #meters = new Map<CameraId, Meter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The same surroundings, and whatever cameras do through them is counted. */
  overhear(around: Surroundings): Surroundings {
    return {
      ...around,
      ring: (id) => this.#counted(id, around.ring(id)),
      ledger: this.#overheard(around.ledger),
      onSource: (id, state) => {
        around.onSource?.(id, state);
        if (state.name !== 'connecting' || state.reached) return;
        this.#of(id).connections += 1;
      },
      dropRing: (id) => {
        around.dropRing(id);
        this.#meters.delete(id);
      },
    };
  }

  /** A family for each count, with a sample for each of these cameras. */
  families(cameras: readonly CameraWithStatus[]): MetricFamily[] {
    const ids = cameras.map(({ camera }) => camera.id);
    const now = this.#clock.monotonic();
    const family = (
      type: 'counter' | 'gauge',
      name: string,
      help: string,
      of: (meter: Meter) => number,
    ): MetricFamily => ({
      name: `nightjar_camera_${name}`,
      help,
      type,
      samples: ids.map((id) => ({ labels: { camera: id }, value: of(this.#of(id)) })),
    });
    return [
      family('counter', 'media_bytes_total', 'Media that arrived.', ({ bytes }) => bytes),
      family('counter', 'frames_total', 'Frames that arrived.', ({ frames }) => frames),
      family('counter', 'fragments_total', 'Fragments that arrived.', ({ fragments }) => fragments),
      family(
        'gauge',
        'bitrate_bits_per_second',
        'What arrived in the last ten seconds.',
        ({ rate }) => rate.perSecond(now) * 8,
      ),
      family('counter', 'reconnects_total', 'How often it was connected anew.', ({ connections }) =>
        Math.max(0, connections - 1),
      ),
      family('counter', 'gap_seconds_total', 'Time that is missing of what was to be recorded.', (meter) =>
        this.#gapSeconds(meter),
      ),
      {
        name: 'nightjar_camera_clock_drift_ppm',
        help: 'How much faster than this machine’s the clock of the camera runs.',
        type: 'gauge',
        samples: cameras.flatMap(({ camera, status: { driftPpm } }) =>
          driftPpm === null ? [] : [{ labels: { camera: camera.id }, value: driftPpm }],
        ),
      },
    ];
  }

  #of(id: CameraId): Meter {
    const known = this.#meters.get(id);
    if (known !== undefined) return known;
    const counts = { bytes: 0, frames: 0, fragments: 0, connections: 0, gapMs: 0, gapFromMs: null };
    const meter: Meter = { rate: new RateMeter(), ...counts };
    this.#meters.set(id, meter);
    return meter;
  }

  #counted(id: CameraId, ring: RingDoor): RingDoor {
    const meter = this.#of(id);
    return {
      push: (entry) => {
        this.#count(meter, entry);
        ring.push(entry);
      },
      get entries() {
        return ring.entries;
      },
    };
  }

  #count(meter: Meter, { fragment }: RunFragment): void {
    meter.bytes += fragment.byteLength;
    meter.frames += fragment.frames;
    meter.fragments += 1;
    meter.rate.add(fragment.byteLength, this.#clock.monotonic());
  }

  #overheard(ledger: Ledger): Ledger {
    return {
      ...ledger,
      openGap: (id, fromMs, cause) => {
        ledger.openGap(id, fromMs, cause);
        this.#of(id).gapFromMs = fromMs;
      },
      closeGap: (id, atMs) => {
        ledger.closeGap(id, atMs);
        const meter = this.#of(id);
        meter.gapMs += meter.gapFromMs === null ? 0 : Math.max(0, atMs - meter.gapFromMs);
        meter.gapFromMs = null;
      },
    };
  }

  #gapSeconds({ gapMs, gapFromMs }: Meter): number {
    const open = gapFromMs === null ? 0 : Math.max(0, this.#clock.now() - gapFromMs);
    return (gapMs + open) / 1000;
  }
}
