/**
 * What every route must say of itself: who may use it and how its answers may be cached. A route without these
 * rules stops the server from being built.
 */
import type {} from '@fastify/swagger';
import type { FastifyInstance, RouteOptions } from 'fastify';
import type { TSchema } from 'typebox';
import type { Reach } from './auth/reach.ts';
import { HttpError } from './problems.ts';
import { Nothing } from './schemas.ts';
import { Problem } from './wire/problem.ts';
import type { Role } from './wire/system.ts';

/** Who may use a route: everybody, or users of at least this role. */
export type Access = 'public' | Role;

/**
 * How a good answer may be cached (RFC 9111): never; by the browser of this user and for ever, because an address
 * of it never means anything else; or only after asking whether it changed. Failures are never cached.
 */
export type CachePolicy = 'no-store' | 'immutable' | 'revalidate';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    cache?: CachePolicy;
    /** Of routes whose address names no camera; `all`, which users of some cameras may not use, when absent. */
    reach?: Reach;
  }
}

export const API_PREFIX = '/api/v1';
/** What is described like the API although it lies beside it, where supervisors look for it. */
const BESIDE_API: readonly string[] = ['/healthz', '/readyz', '/metrics'];

const CACHE_CONTROL: Readonly<Record<CachePolicy, string>> = {
  'no-store': 'no-store',
  immutable: 'private, max-age=31536000, immutable',
  revalidate: 'private, no-cache',
};

/** Rules of most routes; media that never changes is `archived`. */
export const watch = { access: 'viewer', cache: 'no-store' } as const;
export const operate = { access: 'operator', cache: 'no-store' } as const;
export const administer = { access: 'admin', cache: 'no-store' } as const;
/** The same, of routes that are about no camera, or filter by `request.visibleCameras()` what they give. */
export const watchNone = { ...watch, reach: 'none' } as const;
export const watchOwn = { ...watch, reach: 'own' } as const;
export const operateOwn = { ...operate, reach: 'own' } as const;
export const open = { access: 'public', cache: 'no-store' } as const;
/** An address whose content can grow: the ETag says whether it did. */
export const exported = { access: 'viewer', cache: 'revalidate' } as const;
/** `reach` as of `watchOwn`: the handler refuses media of foreign cameras. */
export const archived = { access: 'viewer', cache: 'immutable', reach: 'own' } as const;

/** A route as it was registered. */
export interface KnownRoute {
  readonly methods: readonly string[];
  readonly url: string;
  readonly access: Access;
  readonly cache: CachePolicy;
  /** Null where the address names the camera, or nobody has to log in. */
  readonly reach: Reach | null;
}

declare module 'fastify' {
  interface FastifyReply {
    /** Set for an answer that will be another one, although its route's answers can be cached. */
    changes: boolean;
  }
  interface FastifyInstance {
    /** Every route there is, without the refusals of other methods. */
    readonly knownRoutes: readonly KnownRoute[];
  }
}

/** Has to be called before any route is registered; gives the list of routes, which grows with each. */
export function enforceRules(app: FastifyInstance): readonly KnownRoute[] {
  const known: KnownRoute[] = [];
  app.decorateReply('changes', false);
  app.addHook('onRoute', (route) => {
    known.push(checked(route));
    if (route.url.startsWith(API_PREFIX) || BESIDE_API.includes(route.url))
      route.schema = completed(route.schema);
  });
  app.addHook('onSend', async (request, reply) => {
    const { cache } = request.routeOptions.config;
    const policy = cache === undefined || reply.changes || reply.statusCode >= 400 ? 'no-store' : cache;
    reply.header('cache-control', CACHE_CONTROL[policy]);
  });
  return known;
}

function checked({ method, url, config }: RouteOptions): KnownRoute {
  const { access, cache, reach = 'all' } = config ?? {};
  if (access === undefined || cache === undefined) {
    throw new TypeError(
      `The route ${[method].flat().join('|')} ${url} does not state its access and cache rules.`,
    );
  }
  const named = access === 'public' || url.includes('/:cameraId');
  return { methods: [method].flat(), url, access, cache, reach: named ? null : reach };
}

/** Refuses what a route does not name, and states how every route fails. */
function completed(schema: RouteOptions['schema']): NonNullable<RouteOptions['schema']> {
  const failure = {
    description: 'Why a request was not done',
    content: { 'application/problem+json': { schema: Problem } },
  };
  const answers = isAnswers(schema?.response) ? schema.response : {};
  return { querystring: Nothing, ...schema, response: { ...answers, '4xx': failure, '5xx': failure } };
}

function isAnswers(response: unknown): response is Readonly<Record<string, TSchema>> {
  return typeof response === 'object' && response !== null;
}

/**
 * Answers 405 with `Allow` (RFC 9110 §15.5.6) for every method that a known address does not have. Has to be called
 * after all routes are registered. Wild-card addresses are left out: what they do not have is not found.
 */
export function refuseOtherMethods(app: FastifyInstance, routes: readonly KnownRoute[]): void {
  const methods = new Map<string, Set<string>>();
  app.decorate('knownRoutes', [...routes]);
  for (const route of routes) {
    const known = methods.get(route.url) ?? new Set();
    for (const method of route.methods) known.add(method);
    methods.set(route.url, known);
  }
  for (const [url, allowed] of methods) {
    if (url.includes('*')) continue;
    const allow = [...allowed].join(', ');
    app.route({
      method: app.supportedMethods.filter((method) => !allowed.has(method)),
      url,
      schema: { hide: true },
      config: open,
      exposeHeadRoute: false,
      // Before the body is read: nothing of such a request matters.
      onRequest: async () => {
        throw new HttpError(405, `Only ${allow} can be used here.`, { allow });
      },
      handler: async () => undefined,
    });
  }
}
