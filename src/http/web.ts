/** The dashboard: files of a folder, and its page for every address that only the dashboard knows. */
import type {} from '@fastify/static';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { NvrError } from '../domain/errors.ts';
import type { CachePolicy } from './rules.ts';

/** How files are sent: what begins with a dot is not meant for anybody. */
const SENDING = { cacheControl: false, dotfiles: 'ignore' } as const;

/** Where the build puts files whose names change with their contents. */
const HASHED = '/assets/*';

/** @param folder absolute path of the built dashboard */
export function webRoutes(folder: string): FastifyPluginAsync {
  return async (app) => {
    for (const [url, cache] of [
      [HASHED, 'immutable'],
      ['/*', 'revalidate'],
    ] as const satisfies readonly (readonly [string, CachePolicy])[]) {
      app.get(url, { config: { access: 'public', cache }, schema: { hide: true } }, (request, reply) => {
        reply.sendFile(pathOf(request), folder, SENDING);
      });
    }
  };
}

/**
 * Answers what no route and no file has: the dashboard's page for a person, for whom an address inside the
 * dashboard is as good as any, and a problem for everything else.
 * @param folder as above; null when no dashboard is served
 */
export function answerNotFound(folder: string | null, request: FastifyRequest, reply: FastifyReply): void {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const person = reads && (request.headers.accept ?? '').includes('text/html');
  if (folder === null || !person || /^\/(?:api|assets)(?:\/|$)/.test(pathOf(request))) {
    throw new NvrError('not-found', 'There is nothing at this address.');
  }
  reply.sendFile('index.html', folder, SENDING);
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? '/';
}
