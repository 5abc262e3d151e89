/** The resource `/certificate`: what to compare when a browser asks whether the recorder is to be trusted. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { watchNone } from './rules.ts';
import { CertificateView } from './wire/certificate.ts';

export function certificateRoutes(facts: () => CertificateView['certificate']): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/certificate',
      {
        config: watchNone,
        schema: {
          tags: ['system'],
          summary: 'The certificate of the recorder',
          response: { 200: CertificateView },
        },
      },
      async () => ({ certificate: facts() }),
    );
  };
}
