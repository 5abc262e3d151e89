/** The headers that tell a browser what pages of this server may do. */
import type { FastifyHelmetOptions } from '@fastify/helmet';

/** Options of helmet, which also sends its other headers, such as `X-Content-Type-Options: nosniff`. */
export const securityHeaders: FastifyHelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      baseUri: ["'none'"],
      // ws: and wss: as well, because not every browser counts a WebSocket to the same host as 'self'.
      connectSrc: ["'self'", 'ws:', 'wss:'],
      fontSrc: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      imgSrc: ["'self'", 'blob:', 'data:'],
      mediaSrc: ["'self'", 'blob:'],
      objectSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      // The HLS player transmuxes in a worker that it makes from a blob.
      workerSrc: ["'self'", 'blob:'],
    },
  },
  frameguard: { action: 'deny' },
  referrerPolicy: { policy: 'no-referrer' },
  // A recorder's certificate is often its own; under HSTS a browser would let nobody past a warning.
  hsts: false,
};
