/** The only place that wires rooms together: configuration in, a running recorder out. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { newCamera } from './app/cameraPort.ts';
import { ClockWatch } from './app/clockWatch.ts';
import { Downtime } from './app/downtime.ts';
import { Happenings } from './app/events.ts';
import { Finding } from './app/finding.ts';
import { Pictures } from './app/pictures.ts';
import { RoomLogs } from './app/roomLogs.ts';
import type { Serving } from './app/serving.ts';
import { cameraStore, surroundings } from './app/surroundings.ts';
import { Archive } from './archive/archive.ts';
import { GATE_LIMITS } from './archive/gate.ts';
import { Fleet } from './cameras/fleet.ts';
import type { Config } from './config.ts';
import { type Clock, DAY_MS, type EpochMs } from './domain/time.ts';
import { LiveHub } from './live/hub.ts';
import { ViewerRegistry } from './live/viewers.ts';
import { Captures } from './media/captures.ts';
import { REQUIRED_ELEMENTS } from './media/elements.ts';
import { Encoders } from './media/encoders.ts';
import { startGst } from './media/gst.ts';
import { Taps } from './media/tap.ts';

/** The real clocks. */
export const systemClock: Clock = {
  now: () => Date.now() as EpochMs,
  monotonic: () => performance.now(),
};

/** Of the pool that disk operations share; set before the process starts, or as many as Node has by itself. */
const { UV_THREADPOOL_SIZE: THREADS = '4' } = process.env;

export interface AppOptions {
  readonly config: Config;
  readonly logger: FastifyBaseLogger;
  readonly version: string;
  /** Absolute path of the built dashboard; null serves none. */
  readonly webFolder: string | null;
}

/** A recorder that runs. `close` ends every run on a fragment boundary, makes all footage durable, lets everything go. */
export type App = Serving;

/**
 * Starts recording, then serving: the many files of a web server are read when the cameras are on their way.
 * @throws NvrError with a sentence that names what is wrong: GStreamer, folders, port.
 */
export async function startApp({ config, logger, version, webFolder }: AppOptions): Promise<App> {
  startGst(REQUIRED_ELEMENTS);
  const logs = new RoomLogs(logger);
  const finding = new Finding(version, config, systemClock, logs.of('finding'));
  const archive = await openArchive(config, logs.of('archive'), finding);
  const runtimeDir = await mkdtemp(join(tmpdir(), 'nightjar-'));
  const limits = { keepMs: config.ringSeconds * 1000, maxBytes: config.ringMegabytes * 2 ** 20 };
  const hub = new LiveHub(limits);
  const taps = new Taps();
  const encoders = new Encoders(config.encoder === 'auto' ? null : config.encoder);
  const captures = new Captures();
  const happenings = new Happenings(archive, config, systemClock, logs.of('events'));
  const publish = happenings.bus.publish.bind(happenings.bus);
  const downtime = new Downtime(archive, systemClock);
  const { ledger, settings } = archive;
  const clockWatch = new ClockWatch({ ledger, settings, publish }, systemClock);
  const fleet = new Fleet(
    cameraStore(archive),
    finding.overhear(
      happenings.overhear(
        surroundings(
          config,
          { archive, hub, taps, encoders, captures, runtimeDir, publish },
          systemClock,
          logs.of('cameras'),
        ),
      ),
    ),
    (step) => {
      downtime.clockSet(step);
      clockWatch.look();
    },
  );
  const viewers = new ViewerRegistry(systemClock, config.viewersPerUser);
  const zone = config.timeZone;
  const pictures = new Pictures({
    ...{ archive, hub, viewers, clock: systemClock, zone, runtimeDir, log: logger },
    cameras: () => fleet.list().map(({ camera }) => camera.id),
    limits: {
      cpuShare: config.previewCpuPercent / 100,
      maxBytes: config.previewMegabytes * 2 ** 20,
    },
  });
  const closeRooms = async (): Promise<void> => {
    pictures.close();
    happenings.stopping();
    archive.hurry();
    await fleet.close();
    captures.close();
    await finding.close();
    await happenings.close();
    await archive.close();
    await rm(runtimeDir, { recursive: true, force: true });
  };
  try {
    happenings.start(version);
    finding.start(archive, happenings.bus);
    downtime.settle();
    fleet.start();
    archive.retention.start((cameras) => fleet.crowdOut(cameras));
    const { serve } = await import('./app/serving.ts');
    const rooms = {
      archive,
      fleet,
      hub,
      taps,
      viewers,
      pictures,
      encoders,
      captures,
      finding,
      happenings,
      logs,
    };
    const serving = await serve({ config, version, webFolder }, { ...rooms, clock: systemClock });
    welcome(archive, fleet);
    pictures.start();
    const close = async (): Promise<void> => {
      await Promise.all([serving.close(), closeRooms()]);
    };
    return { ...serving, close };
  } catch (thrown) {
    await closeRooms();
    throw thrown;
  }
}

async function openArchive(config: Config, logger: FastifyBaseLogger, finding: Finding): Promise<Archive> {
  return await Archive.open({
    stateDir: config.stateDir,
    mediaDir: config.mediaDir,
    moreMediaDirs: config.moreMediaDirs,
    placement: config.placement,
    clock: systemClock,
    log: logger,
    activity: finding.watch,
    segmentMs: config.segmentSeconds * 1000,
    holdMs: config.holdingDays === null ? null : config.holdingDays * DAY_MS,
    syncMs: config.syncMs,
    space: {
      reserveBytes: config.reserveMegabytes === null ? null : config.reserveMegabytes * 2 ** 20,
      whenFull: config.whenFull,
    },
    gate: { ...GATE_LIMITS, slots: Math.max(1, Math.floor(Number(THREADS) / 2)) },
  });
}

/** An empty installation shows a picture at once: the test camera, made once and never again. */
function welcome({ settings }: Archive, fleet: Fleet): void {
  if (settings.get('welcomed') !== null) return;
  settings.set('welcomed', 'yes');
  if (fleet.list().length > 0) return;
  fleet.create(newCamera({ name: 'Test camera', source: { kind: 'test' } }));
}
