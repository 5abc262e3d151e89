/** The certificate of the recorder, on the wire. */
import { type Static, Type } from 'typebox';
import { nullable, strict, Time } from './shapes.ts';

export const CertificateView = strict(
  {
    certificate: nullable(
      strict(
        {
          fingerprint: Type.String({
            description: 'SHA-256, as browsers show it',
            examples: [Array.from({ length: 32 }, () => 'A5').join(':')],
          }),
          names: Type.String({
            description: 'The names and addresses it is for',
            examples: ['DNS:nvr, IP Address:192.0.2.7'],
          }),
          selfSigned: Type.Boolean({ description: 'Browsers have to be told to trust it' }),
          expiresMs: Time,
        },
        'What anybody who connects is shown',
      ),
    ),
  },
  'The certificate; null when the recorder serves plain HTTP',
);
export type CertificateView = Static<typeof CertificateView>;
