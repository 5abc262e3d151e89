/** The resource `/webhooks`: who is told of what happens by HTTP, and what came of it. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { WebhookId } from '../domain/webhook.ts';
import type { WebhooksPort } from './eventPort.ts';
import { API_PREFIX, administer } from './rules.ts';
import { NoBody } from './schemas.ts';
import type {} from './telling.ts';
import {
  DeliveryList,
  WebhookInput,
  WebhookList,
  WebhookParams,
  WebhookPatch,
  WebhookTest,
  WebhookView,
  WebhookWithSecret,
} from './wire/webhook.ts';

const tags = ['events'];
const params = WebhookParams;

export function webhookRoutes(webhooks: WebhooksPort): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/webhooks',
      { config: administer, schema: { tags, summary: 'All webhooks', response: { 200: WebhookList } } },
      async () => ({ webhooks: await webhooks.list() }),
    );

    app.post(
      '/webhooks',
      {
        config: administer,
        schema: { tags, summary: 'Add a webhook', body: WebhookInput, response: { 201: WebhookWithSecret } },
      },
      async (request, reply) => {
        const made = await webhooks.create(request.body);
        reply.code(201).header('location', `${API_PREFIX}/webhooks/${made.id}`);
        return made;
      },
    );

    app.get(
      '/webhooks/:webhookId',
      { config: administer, schema: { tags, summary: 'A webhook', params, response: { 200: WebhookView } } },
      async (request) => await webhooks.get(request.params.webhookId as WebhookId),
    );

    app.patch(
      '/webhooks/:webhookId',
      {
        config: administer,
        schema: {
          tags,
          summary: 'Change a webhook',
          params,
          body: WebhookPatch,
          response: { 200: WebhookView },
        },
      },
      async (request) => await webhooks.update(request.params.webhookId as WebhookId, request.body),
    );

    app.delete(
      '/webhooks/:webhookId',
      {
        config: administer,
        schema: {
          tags,
          summary: 'Remove a webhook',
          params,
          response: { 204: Type.Null({ description: 'It is gone' }) },
        },
      },
      async (request, reply) => {
        await webhooks.remove(request.params.webhookId as WebhookId);
        return reply.code(204).send(null);
      },
    );
    app.register(webhookActions(webhooks));
  };
}

function webhookActions(webhooks: WebhooksPort): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/webhooks/:webhookId/secret',
      {
        config: administer,
        schema: {
          tags,
          summary: 'Give a webhook another secret',
          params,
          body: NoBody,
          response: { 200: WebhookWithSecret },
        },
      },
      async (request) => await webhooks.renew(request.params.webhookId as WebhookId),
    );

    app.post(
      '/webhooks/:webhookId/test',
      {
        config: { ...administer, untold: true },
        schema: {
          tags,
          summary: 'Send a made-up event now',
          params,
          body: NoBody,
          response: { 200: WebhookTest },
        },
      },
      async (request) =>
        await webhooks.test(request.params.webhookId as WebhookId, request.identity?.user.name ?? ''),
    );

    app.get(
      '/webhooks/:webhookId/deliveries',
      {
        config: administer,
        schema: { tags, summary: 'What came of the newest events', params, response: { 200: DeliveryList } },
      },
      async (request) => ({
        deliveries: await webhooks.deliveries(request.params.webhookId as WebhookId),
      }),
    );
  };
}
