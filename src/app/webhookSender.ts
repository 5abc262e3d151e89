/** Sends one body to one webhook: signed, within a time, to no address that is forbidden, following nobody. */
import { createHmac } from 'node:crypto';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { AddressRules } from '../domain/addressPolicy.ts';
import { messageOf } from '../domain/errors.ts';
import type { Outcome } from '../domain/webhook.ts';
import { expectReachable, guardedLookup } from './addressGuard.ts';

/** What is sent, and to where. */
export interface Shipment {
  readonly url: string;
  readonly body: string;
  readonly secret: string;
  /** Names the delivery, the same at each try, so that the other side notices what comes twice. */
  readonly deliveryId: string;
  readonly at: number;
}

export type Send = (shipment: Shipment) => Promise<Outcome>;

const LIMIT_MS = 10_000;

/** Never rejects: what goes wrong is the outcome. */
export function webhookSender(rules: AddressRules, limitMs = LIMIT_MS): Send {
  return async (shipment) => {
    try {
      const url = new URL(shipment.url);
      await expectReachable(url.hostname.replace(/^\[|\]$/g, ''), 'webhook', rules, 'url');
      return outcomeOf(await post(url, shipment, rules, limitMs));
    } catch (thrown) {
      return { status: null, error: messageOf(thrown) };
    }
  };
}

/**
 * HMAC-SHA256 in hex over the time in seconds, a full stop and the body: whoever knows the secret can tell that it
 * came from here, and not long ago.
 */
export function signatureOf(secret: string, seconds: number, body: string): string {
  return createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
}

function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return { status, error: null };
  const redirected = status >= 300 && status < 400;
  return { status, error: redirected ? 'It redirects, which is not followed.' : `It answered ${status}.` };
}

/** The status of the answer, whose body is not read: nobody is to read another machine through this one. */
async function post(
  url: URL,
  { body, secret, deliveryId, at }: Shipment,
  rules: AddressRules,
  limitMs: number,
): Promise<number> {
  const seconds = Math.floor(at / 1000);
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest;
  return await new Promise<number>((resolve, reject) => {
    const request = send(url, {
      method: 'POST',
      agent: false,
      lookup: guardedLookup('webhook', rules, 'url'),
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Nightjar',
        'nightjar-delivery': deliveryId,
        'nightjar-timestamp': String(seconds),
        'nightjar-signature': `v1=${signatureOf(secret, seconds, body)}`,
      },
    });
    const limit = setTimeout(() => request.destroy(new Error('It did not answer in time.')), limitMs);
    request.on('response', (response) => {
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
    // After an answer, this is only the end of the connection.
    request.on('error', reject);
    request.on('close', () => {
      clearTimeout(limit);
      reject(new Error('It ended the connection without an answer.'));
    });
    request.end(body);
  });
}
