/**
 * The description of the API: OpenAPI 3.1, made from the schemas and rules of the routes themselves, as a document
 * and as a page to browse.
 */
import swagger from '@fastify/swagger';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { jsonAnswer, textAnswer } from './answers.ts';
import { apiPage, apiStyles } from './apiPage.ts';
import { objectOf, plain, withComponents } from './components.ts';
import { withExamples } from './examples.ts';
import { type Access, watchNone } from './rules.ts';
import { NoBody } from './schemas.ts';

const tags = ['system'];

const DESCRIPTION =
  'Cameras, what they recorded, and live media. Times are UTC epoch milliseconds, which a name ending in Ms says. ' +
  'Failures are problem details (RFC 9457) that name the field that is wrong. Properties that are not known are ' +
  'refused. Log in with POST /session, or send a token, or name and password, with every request.';

const TAGS = [
  { name: 'cameras', description: 'What is configured, how it is doing, recording by hand' },
  { name: 'live', description: 'What the cameras see now' },
  { name: 'archive', description: 'What was recorded, and what was not' },
  { name: 'storage', description: 'How much footage there is, and how long it is kept' },
  { name: 'playback', description: 'Playlists and media of what was recorded' },
  { name: 'pictures', description: 'Single pictures, thumbnails, and live view as pictures' },
  { name: 'events', description: 'What happened, marks by hand, and who is told' },
  { name: 'session', description: 'Logging in and out' },
  { name: 'users', description: 'Who may do what, and who did what' },
  { name: 'system', description: 'The recorder itself' },
];

/** Collects the routes that are registered from now on. */
export function describeRoutes(app: FastifyInstance): void {
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Nightjar', version: '1', description: DESCRIPTION },
      servers: [{ url: '/' }],
      tags: TAGS,
      components: {
        securitySchemes: {
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'nightjar',
            description: '__Host-nightjar under TLS',
          },
          basic: { type: 'http', scheme: 'basic' },
          token: { type: 'http', scheme: 'bearer' },
        },
      },
    },
    transform: ({ schema, url, route }) => {
      const { access = 'admin' } = route.config ?? {};
      const { body, ...rest } = schema;
      const operationId = operationIdOf([route.method].flat()[0] ?? '', url);
      const described = { operationId, description: roleOf(access), security: securityOf(access) };
      return { url, schema: { ...(body === NoBody ? rest : schema), ...described } };
    },
  });
}

/** Serves the description. */
export function openApiRoutes(): FastifyPluginAsyncTypebox {
  return async (app) => {
    let made: { readonly json: string; readonly page: string } | null = null;
    const description = () => {
      const document = withComponents(withExamples(objectOf(plain(app.swagger()))));
      made ??= { json: JSON.stringify(document), page: apiPage(document) };
      return made;
    };

    app.get(
      '/openapi.json',
      {
        config: watchNone,
        schema: {
          tags,
          summary: 'This description, as OpenAPI 3.1',
          response: jsonAnswer('An OpenAPI document'),
        },
      },
      async (_request, reply) => reply.type('application/json; charset=utf-8').send(description().json),
    );

    app.get(
      '/docs',
      {
        config: watchNone,
        schema: {
          tags,
          summary: 'This description, as a page to browse',
          response: textAnswer('text/html', 'A page'),
        },
      },
      async (_request, reply) => reply.type('text/html; charset=utf-8').send(description().page),
    );

    app.get('/docs.css', { config: watchNone, schema: { hide: true } }, async (_request, reply) =>
      reply.type('text/css; charset=utf-8').send(apiStyles),
    );
  };
}

/** `getCamerasCameraIdGaps` of `GET /api/v1/cameras/:cameraId/gaps`: a name for generated clients. */
function operationIdOf(method: string, url: string): string {
  const words = url.replace(/^\/api\/v1/, '').match(/[a-z0-9]+/gi) ?? [];
  return method.toLowerCase() + words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('');
}

function roleOf(access: Access): string {
  return access === 'public'
    ? 'For everybody.'
    : `For users with the role ${access}, or one that may do more.`;
}

function securityOf(access: Access): { readonly [scheme: string]: readonly string[] }[] {
  return access === 'public' ? [] : [{ session: [] }, { basic: [] }, { token: [] }];
}
