/**
 * Writes down who did what: a line for each request that changed something, for each login, and for each that was
 * refused to somebody who is known. Names of what was set are kept, values never.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../domain/time.ts';
import { API_PREFIX } from '../rules.ts';
import { SAFE } from './gate.ts';
import type { AuditLine, AuditStore, UserStore } from './ports.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The user a public route is about, e.g. who logs in. */
    subject: string | null;
    /** What became of it, where neither the answer's status nor the address tells. */
    outcome: Outcome | null;
  }
}

interface Outcome {
  readonly status: number;
  /** What it was about, in place of the address. */
  readonly target?: string;
}

const LONGEST_TARGET = 300;
const MOST_FIELDS = 40;
const LONGEST_FIELD = 100;
const DEEPEST = 3;

/** Audits all routes of the instance. A line that can't be stored is logged, and stops nobody. */
export function audit(app: FastifyInstance, store: AuditStore, users: UserStore, clock: Clock): void {
  app.decorateRequest('subject', null);
  app.decorateRequest('outcome', null);
  app.addHook('onResponse', async (request, reply) => {
    if (!isWorthALine(request, reply)) return;
    try {
      await store.add(await lineOf(request, reply, users, clock));
    } catch (error) {
      request.log.error({ err: error }, 'what was done could not be written to the audit log');
    }
  });
}

function isWorthALine(
  { method, identity, subject, outcome, routeOptions }: FastifyRequest,
  reply: FastifyReply,
): boolean {
  const { access } = routeOptions.config;
  const status = outcome?.status ?? reply.statusCode;
  if (SAFE.has(method) || routeOptions.url === undefined || access === undefined) return false;
  if (status < 400) return identity !== null || subject !== null;
  // Of failures, those that say something of somebody; a flood of strangers is no reason to write.
  if (status === 401) return subject !== null;
  return status === 403 && identity !== null;
}

async function lineOf(
  request: FastifyRequest,
  reply: FastifyReply,
  users: UserStore,
  clock: Clock,
): Promise<AuditLine> {
  const { method, routeOptions, identity, subject, outcome, ip, id, url } = request;
  const route = routeOptions.url ?? '';
  const status = outcome?.status ?? reply.statusCode;
  const target = outcome?.target ?? withoutPrefix(url.split('?', 1)[0] ?? '');
  // People type passwords where the name belongs: only a name that exists is written down.
  const named = identity?.user.name ?? (subject === null ? undefined : (await users.find(subject))?.name);
  return {
    atMs: clock.now(),
    user: named ?? '',
    means: identity?.means ?? '',
    address: ip,
    action: `${method} ${withoutPrefix(route)}`,
    target: target.slice(0, LONGEST_TARGET),
    fields: status < 400 ? fieldsOf(request.body) : [],
    status,
    requestId: id,
  };
}

function withoutPrefix(path: string): string {
  return path.startsWith(API_PREFIX) ? path.slice(API_PREFIX.length) : path;
}

/** Dotted names of the leaves of a body that the schema let through. */
function fieldsOf(body: unknown, prefix = '', depth = 1): string[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return [];
  return Object.entries(body)
    .flatMap(([name, value]) => {
      const path = `${prefix}${name}`.slice(0, LONGEST_FIELD);
      const inner = depth < DEEPEST ? fieldsOf(value, `${path}.`, depth + 1) : [];
      return inner.length > 0 ? inner : [path];
    })
    .slice(0, MOST_FIELDS);
}
