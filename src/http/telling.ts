/** Tells as events what is done through the API: who changed what, who logged in or tried to. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ranks } from '../domain/access.ts';
import type { EventDraft } from '../domain/event.ts';
import { cameraId } from '../domain/ids.ts';
import type { Clock } from '../domain/time.ts';
import { API_PREFIX } from './rules.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of routes that change something: it is told otherwise, or leaves everything as it was. */
    untold?: true;
  }
}

const CHANGING: readonly string[] = ['POST', 'PUT', 'PATCH', 'DELETE'];
const LOGIN = `${API_PREFIX}/session`;
/** Of an address that fails again and again, one failure in so long is told. */
const FAILURE_EVERY_MS = 60_000;
const MOST_ADDRESSES = 1_000;

/** Has to be called before any route is registered. */
export function tellRequests(app: FastifyInstance, publish: (draft: EventDraft) => void, clock: Clock): void {
  const failures = new Map<string, number>();
  const isNews = (address: string): boolean => {
    const now = clock.monotonic();
    if (now - (failures.get(address) ?? Number.NEGATIVE_INFINITY) < FAILURE_EVERY_MS) return false;
    if (failures.size >= MOST_ADDRESSES) failures.clear();
    failures.set(address, now);
    return true;
  };
  app.addHook('onResponse', async (request, reply) => {
    const { url } = request.routeOptions;
    const draft = url === LOGIN ? loginOf(request, reply, isNews) : changeOf(request, reply);
    if (draft !== null) publish(draft);
  });
}

/** The name that was tried is not told: people type passwords into that field. */
function loginOf(
  { method, body, ip }: FastifyRequest,
  { statusCode }: FastifyReply,
  isNews: (address: string) => boolean,
): EventDraft | null {
  if (method !== 'POST') return null;
  if (statusCode < 300) {
    const user = nameIn(body);
    return { kind: 'login', text: `${user} logged in.`, data: { user, address: ip, good: true } };
  }
  if ((statusCode !== 401 && statusCode !== 429) || !isNews(ip)) return null;
  return { kind: 'login', text: `Somebody at ${ip} could not log in.`, data: { address: ip, good: false } };
}

function nameIn(body: unknown): string {
  return typeof body === 'object' && body !== null && 'name' in body ? String(body.name) : '';
}

function changeOf(request: FastifyRequest, { statusCode }: FastifyReply): EventDraft | null {
  const { method, routeOptions, identity, params } = request;
  const { access, untold } = routeOptions.config;
  if (!CHANGING.includes(method) || statusCode >= 400 || identity === null || untold === true) return null;
  if (access === undefined || access === 'public' || !ranks(access, 'operator')) return null;
  const user = identity.user.name;
  const what = routeOptions.schema?.summary ?? `${method} ${routeOptions.url}`;
  return {
    kind: 'configuration',
    text: `${user}: ${what}.`,
    data: { user, method, route: routeOptions.url ?? null, address: request.ip },
    ...cameraIn(params),
  };
}

function cameraIn(params: unknown): Pick<EventDraft, 'cameraId'> {
  if (typeof params !== 'object' || params === null || !('cameraId' in params)) return {};
  return { cameraId: cameraId(String(params.cameraId)) };
}
