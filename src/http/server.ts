/** Builds the HTTP server: what is true of every route. The routes themselves are in one file per resource. */
import helmet from '@fastify/helmet';
import files from '@fastify/static';
import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import { auditRoutes } from './audit.ts';
import { type AuthPorts, protect } from './auth/auth.ts';
import { type ListedClientOptions, listedClients } from './auth/listedClient.ts';
import { bulkRoutes } from './bulk.ts';
import { cameraRoutes } from './cameras.ts';
import { certificateRoutes } from './certificate.ts';
import { coerceIntegers } from './coercion.ts';
import { type DevicesPort, deviceRoutes } from './devices.ts';
import { happeningRoutes } from './eventPlugins.ts';
import type { EventPorts } from './eventPort.ts';
import { exportRoutes } from './exports.ts';
import { type FindingPorts, findingRoutes } from './finding.ts';
import { endSockets } from './goodbye.ts';
import { healthRoutes } from './health.ts';
import { type HoldingPort, holdingRoutes } from './holding.ts';
import { createInstance, type InstanceOptions } from './instance.ts';
import { type LegacyPort, legacyRoutes } from './legacy.ts';
import { liveRoutes } from './live.ts';
import { LONGEST_MESSAGE, liveSocketRoutes } from './liveSocket.ts';
import { mediaRoutes } from './media.ts';
import { metricsRoutes } from './metrics.ts';
import { describeRoutes, openApiRoutes } from './openapi.ts';
import type { PicturePort } from './picturePort.ts';
import { pictureRoutes } from './pictures.ts';
import { playlistRoutes } from './playlists.ts';
import type {
  ArchivePort,
  CamerasPort,
  ExportPort,
  LivePort,
  LiveSocketPort,
  StoragePort,
  SystemPort,
} from './ports.ts';
import { previewRoutes } from './previews.ts';
import { probeRoutes } from './probe.ts';
import { sendProblem } from './problems.ts';
import { recordingRoutes } from './recordings.ts';
import { API_PREFIX, enforceRules, refuseOtherMethods } from './rules.ts';
import { scheduleRoutes } from './schedules.ts';
import { securityHeaders } from './security.ts';
import { sessionRoutes } from './session.ts';
import { type SettingsPort, settingsRoutes } from './settings.ts';
import { setupRoutes } from './setup.ts';
import { storageRoutes } from './storage.ts';
import { systemRoutes } from './system.ts';
import { tellRequests } from './telling.ts';
import { tokenRoutes } from './tokens.ts';
import { userRoutes } from './users.ts';
import { type ViewersPort, viewerRoutes } from './viewers.ts';
import { answerNotFound, webRoutes } from './web.ts';
import { type WhepPort, whepRoutes } from './whep.ts';
import type { CertificateView } from './wire/certificate.ts';

/** Everything the server asks of the rest of the program. */
export interface Ports extends AuthPorts {
  readonly cameras: CamerasPort;
  readonly archive: ArchivePort;
  readonly exports: ExportPort;
  readonly finding: FindingPorts;
  readonly storage: StoragePort;
  readonly holding: HoldingPort;
  readonly events: EventPorts;
  readonly live: LivePort;
  readonly liveSocket: LiveSocketPort;
  readonly viewers: ViewersPort;
  /** What is known of the certificate; null for plain HTTP. */
  certificate(): CertificateView['certificate'];
  readonly whep: WhepPort;
  readonly pictures: PicturePort;
  readonly devices: DevicesPort;
  readonly settings: SettingsPort;
  readonly system: SystemPort;
}

export interface ServerOptions extends InstanceOptions {
  /** Absolute path of the built dashboard; null serves none. */
  readonly webFolder: string | null;
  /** Header in which they name the user they have authenticated; none is believed when absent. */
  readonly userHeader?: string | null;
  /** The older API and who may use it; off when absent. */
  readonly legacy?: { readonly port: LegacyPort; readonly clients: ListedClientOptions } | null;
}

/** The server, ready to listen. @throws TypeError when a route does not state its rules */
export function buildServer(options: ServerOptions, ports: Ports): FastifyInstance {
  const app = createInstance(options);

  // Bodies are JSON; anything else would also be what another site's form can send.
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  app.setNotFoundHandler((request, reply) => answerNotFound(options.webFolder, request, reply));
  const routes = enforceRules(app);
  app.register(helmet, securityHeaders);
  const { trustedProxies = [], userHeader = null, legacy = null } = options;
  const isListed = legacy === null ? () => false : listedClients(legacy.clients);
  const auth = protect(app, ports, { proxies: trustedProxies, header: userHeader }, isListed);
  app.addHook('preValidation', coerceIntegers);
  tellRequests(app, (draft) => ports.events.events.publish(draft), ports.clock);
  app.addHook('onResponse', async ({ log, method, routeOptions }, reply) => {
    log.debug(
      { method, route: routeOptions.url, status: reply.statusCode, ms: reply.elapsedTime },
      'answered',
    );
  });
  app.register(files, { serve: false });
  describeRoutes(app);
  const sockets = { maxPayload: LONGEST_MESSAGE, perMessageDeflate: false };
  app.register(websocket, { options: sockets, preClose: endSockets });

  for (const resource of [
    cameraRoutes(ports.cameras),
    bulkRoutes(ports.cameras),
    deviceRoutes(ports.devices),
    probeRoutes(ports.cameras),
    recordingRoutes(ports.archive),
    playlistRoutes(ports.archive),
    mediaRoutes(ports.archive),
    exportRoutes(ports.exports),
    ...findingRoutes(ports.finding),
    storageRoutes(ports.storage),
    holdingRoutes(ports.holding),
    scheduleRoutes(ports.storage),
    happeningRoutes(ports.events),
    liveRoutes(ports.live),
    liveSocketRoutes(ports.liveSocket),
    viewerRoutes(ports.viewers),
    certificateRoutes(() => ports.certificate()),
    whepRoutes(ports.whep),
    pictureRoutes(ports.pictures),
    previewRoutes(ports.pictures),
    systemRoutes(ports.system),
    settingsRoutes(ports.settings, auth),
    sessionRoutes(auth),
    setupRoutes(auth),
    userRoutes(auth),
    tokenRoutes(auth),
    auditRoutes(auth),
    openApiRoutes(),
  ]) {
    app.register(resource, { prefix: API_PREFIX });
  }
  app.register(healthRoutes(ports.system));
  app.register(metricsRoutes(ports.system));
  if (legacy !== null) app.register(legacyRoutes(legacy.port, isListed));
  if (options.webFolder !== null) app.register(webRoutes(options.webFolder));
  app.after(() => refuseOtherMethods(app, routes));
  return app;
}
