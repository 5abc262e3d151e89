/** Certificates for tests, each with a key of its own. */
import { generate } from 'selfsigned';
import type { TlsKeys } from '../../src/http/instance.ts';

/** @param days until it expires; it may have expired already */
export async function makeCertificate(days = 100): Promise<TlsKeys> {
  const now = Date.now();
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - 1_000 * 86_400_000),
    notAfterDate: new Date(now + days * 86_400_000),
  });
  return { cert, key };
}
