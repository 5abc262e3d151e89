/** The resource `/audit`: who did what. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Auth } from './auth/auth.ts';
import { administer } from './rules.ts';
import { AuditList, AuditQuery } from './wire/access.ts';

const DEFAULT_LIMIT = 100;

export function auditRoutes({ audit }: Pick<Auth, 'audit'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/audit',
      {
        config: administer,
        schema: {
          tags: ['users'],
          summary: 'Who did what, the newest first, page by page',
          querystring: AuditQuery,
          response: { 200: AuditList },
        },
      },
      async ({ query }) => {
        const { user = null, action = null, from = 0, to = Number.MAX_SAFE_INTEGER, cursor } = query;
        const limit = query.limit ?? DEFAULT_LIMIT;
        const beforeId = cursor === undefined ? null : Number(cursor);
        const wanted = { user, action, fromMs: from, toMs: to, beforeId };
        // One more than asked for says whether there are more.
        const found = await audit.list({ ...wanted, limit: limit + 1 });
        const entries = found.slice(0, limit);
        return { entries, next: found.length > limit ? String(entries.at(-1)?.id ?? '') : null };
      },
    );
  };
}
