/** The only place that wires rooms together: configuration in, a running recorder out. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { accessPorts, setupPort } from './app/accessPort.ts';
import { archivePort } from './app/archivePort.ts';
import { cameraPort, newCamera } from './app/cameraPort.ts';
import { type Certificate, certificateMetrics, openCertificate } from './app/certificate.ts';
import { devicesPort } from './app/devicesPort.ts';
import { Downtime } from './app/downtime.ts';
import { Happenings } from './app/events.ts';
import { exportPort } from './app/exportPort.ts';
import { Finding } from './app/finding.ts';
import { holdingPort } from './app/holdingPort.ts';
import { legacyOf } from './app/legacy.ts';
import { livePort } from './app/livePort.ts';
import { lookAt } from './app/mediaDoor.ts';
import { Pictures } from './app/pictures.ts';
import { RoomLogs } from './app/roomLogs.ts';
import { settingsPort } from './app/settingsPort.ts';
import { guardSources } from './app/sourceGuard.ts';
import { storageMetrics } from './app/storageMetrics.ts';
import { storagePort } from './app/storagePort.ts';
import { cameraStore, surroundings } from './app/surroundings.ts';
import { systemPort } from './app/systemPort.ts';
import { viewerMetrics, viewersPort, withViewers } from './app/viewersPort.ts';
import { Whep } from './app/whepPort.ts';
import { Archive } from './archive/archive.ts';
import { GATE_LIMITS } from './archive/gate.ts';
import { Fleet } from './cameras/fleet.ts';
import type { Config } from './config.ts';
import { NvrError } from './domain/errors.ts';
import type { Clock, EpochMs } from './domain/time.ts';
import { addFirstUser, type FirstUser } from './http/auth/firstUser.ts';
import { changeKeys } from './http/instance.ts';
import { buildServer } from './http/server.ts';
import { HlsViewers } from './live/hlsViewers.ts';
import { LiveHub, partOf } from './live/hub.ts';
import { LiveSession } from './live/session.ts';
import { ViewerRegistry } from './live/viewers.ts';
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

const DAY_MS = 86_400_000;

export interface AppOptions {
  readonly config: Config;
  readonly logger: FastifyBaseLogger;
  readonly version: string;
  /** Absolute path of the built dashboard; null serves none. */
  readonly webFolder: string | null;
}

/** A recorder that runs. */
export interface App {
  /** Where it listens, e.g. `http://127.0.0.1:8080`. */
  readonly address: string;
  /** SHA-256 of the certificate it serves with; null for plain HTTP. */
  readonly fingerprint: string | null;
  /** The first user, when this start made one; the password is to be shown once. */
  readonly firstUser: FirstUser | null;
  /** Reads the certificate again. */
  reload(): Promise<void>;
  /** Ends every run on a fragment boundary, makes all footage durable, lets everything go. */
  close(): Promise<void>;
}

/**
 * Starts recording, then serving.
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
  const happenings = new Happenings(archive, config, systemClock, logs.of('events'));
  const publish = happenings.bus.publish.bind(happenings.bus);
  const downtime = new Downtime(archive, systemClock);
  const fleet = new Fleet(
    cameraStore(archive),
    finding.overhear(
      happenings.overhear(
        surroundings(
          config,
          { archive, hub, taps, encoders, runtimeDir, publish },
          systemClock,
          logs.of('cameras'),
        ),
      ),
    ),
    (step) => downtime.clockSet(step),
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
    await fleet.close();
    await finding.close();
    await happenings.close();
    await archive.close();
    await rm(runtimeDir, { recursive: true, force: true });
  };
  try {
    const setup = setupPort(archive, config.timeZone);
    const firstUser = await addFirstUser(archive.access.users, setup, systemClock, config.adminPassword);
    const certificate = await openCertificate(config, systemClock, logger);
    const events = happenings.ports(fleet, logs);
    const rooms = { archive, fleet, hub, taps, viewers, pictures, encoders, finding, events, certificate };
    const server = makeServer({ config, logger: logs.of('http'), version, webFolder }, rooms);
    certificate?.onChange((keys) => changeKeys(server, keys));
    const address = await listen(server, config);
    happenings.start(version);
    finding.start(archive, happenings.bus);
    downtime.settle();
    fleet.start();
    archive.retention.start((cameras) => fleet.crowdOut(cameras));
    welcome(archive, fleet);
    pictures.start();
    const close = async (): Promise<void> => {
      certificate?.close();
      await Promise.all([server.close(), closeRooms()]);
    };
    const reload = async (): Promise<void> => await certificate?.reload();
    return { address, fingerprint: certificate?.facts.fingerprint ?? null, firstUser, reload, close };
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

interface Rooms {
  readonly archive: Archive;
  readonly fleet: Fleet;
  readonly hub: LiveHub;
  readonly taps: Taps;
  readonly viewers: ViewerRegistry;
  readonly pictures: Pictures;
  readonly encoders: Encoders;
  readonly finding: Finding;
  readonly events: ReturnType<Happenings['ports']>;
  readonly certificate: Certificate | null;
}

function makeServer(options: AppOptions, rooms: Rooms): FastifyInstance {
  const { config, logger, version, webFolder } = options;
  const { archive, fleet, hub, taps, viewers, pictures, encoders, finding, events, certificate } = rooms;
  const zone = config.timeZone;
  const cameras = guardSources(cameraPort(fleet, archive, (source) => lookAt(source, config)));
  const playlists = archivePort(archive, systemClock, zone);
  const legacy = legacyOf(config, { archive, playlists, cameras, fleet, hub }, systemClock, logger);
  return buildServer(
    {
      logger,
      webFolder,
      tls: certificate?.pem ?? null,
      trustedProxies: config.trustedProxies,
      userHeader: config.userHeader,
      legacy,
    },
    {
      cameras: withViewers(cameras, viewers),
      archive: playlists,
      exports: exportPort(archive, systemClock, zone),
      finding: finding.ports(archive, fleet),
      storage: storagePort(archive, fleet, systemClock, zone),
      holding: holdingPort(archive, fleet, cameras, systemClock),
      events,
      live: livePort(hub, new HlsViewers(viewers, systemClock)),
      liveSocket: {
        connect: (transport, user, mayUse) => new LiveSession(partOf(hub, mayUse), viewers, transport, user),
      },
      viewers: viewersPort(viewers),
      certificate: () => certificate?.facts ?? null,
      whep: new Whep({ config, hub, taps, viewers, clock: systemClock }),
      pictures: pictures.port,
      devices: devicesPort(encoders),
      settings: settingsPort({
        ...{ fleet, clock: systemClock, policies: archive.policies, schedules: archive.schedules },
        ...{ webhooks: events.webhooks, together: (work) => archive.together(work) },
      }),
      system: systemPort({
        version,
        zone,
        clock: systemClock,
        cameras: () => fleet.list(),
        alarms: () => archive.retention.alarms,
        storageMetrics: () => [
          ...storageMetrics(archive.storage.volumes()),
          ...pictures.metrics(),
          ...viewerMetrics(
            viewers,
            fleet.list().map(({ camera }) => camera.id),
          ),
          ...certificateMetrics(certificate),
          ...events.metrics(),
        ],
      }),
      ...accessPorts(archive, systemClock, zone),
    },
  );
}

async function listen(server: FastifyInstance, { host, port }: Config): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (cause) {
    await server.close();
    const code = cause instanceof Error && 'code' in cause ? cause.code : '';
    const why =
      code === 'EADDRINUSE'
        ? 'the port is in use by another program'
        : code === 'EACCES'
          ? 'ports below 1024 need more rights'
          : `it failed (${String(code)})`;
    throw new NvrError('unavailable', `Can’t listen on ${host}:${port}: ${why}.`, { field: 'port', cause });
  }
}

/** An empty installation shows a picture at once: the test camera, made once and never again. */
function welcome({ settings }: Archive, fleet: Fleet): void {
  if (settings.get('welcomed') !== null) return;
  settings.set('welcomed', 'yes');
  if (fleet.list().length > 0) return;
  fleet.create(newCamera({ name: 'Test camera', source: { kind: 'test' } }));
}
