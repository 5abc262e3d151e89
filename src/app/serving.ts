/** The web side of a recorder: its ports, the first user, the certificate, the server that listens. */
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Archive } from '../archive/archive.ts';
import type { Fleet } from '../cameras/fleet.ts';
import type { Config } from '../config.ts';
import { NvrError } from '../domain/errors.ts';
import type { Clock } from '../domain/time.ts';
import { addFirstUser, type FirstUser } from '../http/auth/firstUser.ts';
import { changeKeys } from '../http/instance.ts';
import { buildServer } from '../http/server.ts';
import { HlsViewers } from '../live/hlsViewers.ts';
import { type LiveHub, partOf } from '../live/hub.ts';
import { LiveSession } from '../live/session.ts';
import type { ViewerRegistry } from '../live/viewers.ts';
import type { Captures } from '../media/captures.ts';
import type { Encoders } from '../media/encoders.ts';
import type { Taps } from '../media/tap.ts';
import { accessPorts, setupPort } from './accessPort.ts';
import { archivePort } from './archivePort.ts';
import { cameraPort } from './cameraPort.ts';
import { type Certificate, certificateMetrics, openCertificate } from './certificate.ts';
import { devicesPort } from './devicesPort.ts';
import type { Happenings } from './events.ts';
import { exportPort } from './exportPort.ts';
import type { Finding } from './finding.ts';
import { holdingPort } from './holdingPort.ts';
import { legacyOf } from './legacy.ts';
import { livePort } from './livePort.ts';
import { lookAt, mediaDoor } from './mediaDoor.ts';
import type { Pictures } from './pictures.ts';
import type { RoomLogs } from './roomLogs.ts';
import { settingsPort } from './settingsPort.ts';
import { guardSources } from './sourceGuard.ts';
import { sourcePicture } from './sourcePicture.ts';
import { storageMetrics } from './storageMetrics.ts';
import { storagePort } from './storagePort.ts';
import { systemPort } from './systemPort.ts';
import { viewerMetrics, viewersPort, withViewers } from './viewersPort.ts';
import { Whep } from './whepPort.ts';

/** What there is to serve. */
export interface Rooms {
  readonly archive: Archive;
  readonly fleet: Fleet;
  readonly hub: LiveHub;
  readonly taps: Taps;
  readonly viewers: ViewerRegistry;
  readonly pictures: Pictures;
  readonly encoders: Encoders;
  readonly captures: Captures;
  readonly finding: Finding;
  readonly happenings: Happenings;
  readonly logs: RoomLogs;
  readonly clock: Clock;
}

export interface ServingOptions {
  readonly config: Config;
  readonly version: string;
  /** Absolute path of the built dashboard; null serves none. */
  readonly webFolder: string | null;
}

/** A recorder that can be asked. */
export interface Serving {
  /** Where it listens, e.g. `http://127.0.0.1:8080`. */
  readonly address: string;
  /** SHA-256 of the certificate it serves with; null for plain HTTP. */
  readonly fingerprint: string | null;
  /** The first user, when this start made one; the password is to be shown once. */
  readonly firstUser: FirstUser | null;
  /** Reads the certificate again. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** Listens. @throws NvrError naming the setting: certificate, first password, port */
export async function serve(options: ServingOptions, rooms: Rooms): Promise<Serving> {
  const { config } = options;
  const { archive, clock, logs } = rooms;
  const setup = setupPort(archive, config.timeZone);
  const firstUser = await addFirstUser(archive.access.users, setup, clock, config.adminPassword);
  const log = logs.of('http');
  const certificate = await openCertificate(config, clock, log);
  try {
    const server = makeServer(options, rooms, certificate, log);
    certificate?.onChange((keys) => changeKeys(server, keys));
    return {
      address: await listen(server, config),
      fingerprint: certificate?.facts.fingerprint ?? null,
      firstUser,
      reload: async () => await certificate?.reload(),
      async close() {
        certificate?.close();
        await server.close();
      },
    };
  } catch (thrown) {
    certificate?.close();
    throw thrown;
  }
}

function makeServer(
  { config, version, webFolder }: ServingOptions,
  {
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
    clock,
  }: Rooms,
  certificate: Certificate | null,
  logger: FastifyBaseLogger,
): FastifyInstance {
  const zone = config.timeZone;
  const events = happenings.ports(fleet, logs);
  const pictureDoors = {
    media: mediaDoor(config, {
      ...{ encoders, captures, taps, clock, ...pictures.folders },
      encoderFailed: () => undefined,
    }),
    taps,
    decode: pictures.firstOf,
  };
  const cameras = guardSources(
    cameraPort(
      fleet,
      archive,
      (source) => lookAt(source, config, captures),
      (source) => sourcePicture(source, pictureDoors),
    ),
  );
  const playlists = archivePort(archive, clock, zone);
  const legacy = legacyOf(config, { archive, playlists, cameras, fleet, hub }, clock, logger);
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
      exports: exportPort(archive, clock, zone),
      finding: finding.ports(archive, fleet, encoders),
      storage: storagePort(archive, fleet, clock, zone),
      holding: holdingPort(archive, fleet, cameras, clock),
      events,
      live: livePort(hub, new HlsViewers(viewers, clock)),
      liveSocket: {
        connect: (transport, user, mayUse) => new LiveSession(partOf(hub, mayUse), viewers, transport, user),
      },
      viewers: viewersPort(viewers),
      certificate: () => certificate?.facts ?? null,
      whep: new Whep({ config, hub, taps, viewers, clock }),
      pictures: pictures.port,
      devices: devicesPort(encoders, captures),
      settings: settingsPort({
        ...{ fleet, clock, policies: archive.policies, schedules: archive.schedules },
        ...{ activity: archive.finding.activity, users: archive.access.users, mqtt: events.mqtt },
        endSessions: (name) => archive.access.sessions.removeOf(name, null),
        ...{ webhooks: events.webhooks, together: (work) => archive.together(work) },
      }),
      system: systemPort({
        version,
        zone,
        clock,
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
      ...accessPorts(archive, clock, zone),
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
