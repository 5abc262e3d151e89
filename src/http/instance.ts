/** Makes the bare server: plain HTTP, or TLS with HTTP/2 and, for WebSockets and old players, HTTP/1.1 beside it. */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyServerOptions,
  fastify,
  LogController,
} from 'fastify';
import { compileLazily } from './lazyCompilers.ts';
import { sendProblem } from './problems.ts';

/** Certificate, with its chain, and private key, as PEM text. */
export interface TlsKeys {
  readonly cert: string;
  readonly key: string;
}

export interface InstanceOptions {
  /** A pino instance, or another with its methods. */
  readonly logger: FastifyBaseLogger;
  /** Plain HTTP when absent. */
  readonly tls?: TlsKeys | null;
  /** Addresses of reverse proxies whose `X-Forwarded-*` headers are believed; none when absent. */
  readonly trustedProxies?: readonly string[];
}

const BODY_LIMIT = 1024 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
/** Requests that one connection may have at once; a player waits with some of them. */
const MOST_STREAMS = 200;

export function createInstance({ logger, tls = null, trustedProxies = [] }: InstanceOptions) {
  const options: FastifyServerOptions = {
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    trustProxy: [...trustedProxies],
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    frameworkErrors: sendProblem,
    ...(tls === null ? {} : secure(tls)),
  };
  const app = fastify(options).withTypeProvider<TypeBoxTypeProvider>();
  compileLazily(app);
  if (tls !== null) endConnections(app);
  return app;
}

/** Fastify waits at its end for HTTP/2 connections, whatever `forceCloseConnections` says, as long as clients keep them. */
function endConnections(app: FastifyInstance): void {
  const sockets = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  app.addHook('preClose', async () => {
    for (const socket of sockets) socket.destroy();
  });
}

/** Beyond the types of an HTTP/1.1 server, which the instance keeps: Node's HTTP/2 has their methods. */
function secure({ cert, key }: TlsKeys) {
  const settings = { maxConcurrentStreams: MOST_STREAMS };
  return { http2: true, https: { allowHTTP1: true, minVersion: 'TLSv1.2', cert, key, settings } };
}

/** Serves new connections with another certificate; those that are open stay. */
export function changeKeys({ server }: { readonly server: object }, keys: TlsKeys): void {
  if ('setSecureContext' in server && typeof server.setSecureContext === 'function') {
    server.setSecureContext({ ...keys, minVersion: 'TLSv1.2' });
  }
}
