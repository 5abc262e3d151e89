/** Webhooks as the API speaks of them. */
import { randomBytes } from 'node:crypto';
import type { WebhookStore } from '../archive/webhookStore.ts';
import type { AddressRules } from '../domain/addressPolicy.ts';
import { NvrError } from '../domain/errors.ts';
import { cameraId } from '../domain/ids.ts';
import type { Clock } from '../domain/time.ts';
import type { WebhookDraft, WebhookId } from '../domain/webhook.ts';
import type { WebhooksPort } from '../http/eventPort.ts';
import { expectReachable } from './addressGuard.ts';
import type { Webhooks } from './webhooks.ts';

const MOST_WEBHOOKS = 50;
const SHOWN_DELIVERIES = 100;

export interface WebhookPortDoors {
  readonly store: WebhookStore;
  readonly webhooks: Webhooks;
  readonly clock: Clock;
  readonly rules: AddressRules;
  /** Makes of a secret what may be stored. */
  seal(secret: string): string;
}

export function webhooksPort({ store, webhooks, clock, rules, seal }: WebhookPortDoors): WebhooksPort {
  const newSecret = (): string => randomBytes(32).toString('base64url');
  return {
    list: () => store.list(),
    get: (id) => store.get(id),
    async create({
      url,
      name = hostOf(url),
      enabled = true,
      kinds = null,
      cameras = null,
      secret = newSecret(),
    }) {
      if (store.list().length >= MOST_WEBHOOKS)
        throw new NvrError('exhausted', `There are ${MOST_WEBHOOKS} webhooks already.`);
      const draft = await checked({ name, url, enabled, kinds, cameras }, rules);
      const made = store.insert(draft, seal(secret), clock.now());
      webhooks.changed();
      return { ...made, secret };
    },
    async update(id, { secret, ...patch }) {
      const changed = store.update(id, await checked({ ...store.get(id), ...patch }, rules));
      if (secret !== undefined) store.setSecret(id, seal(secret));
      webhooks.changed();
      return changed;
    },
    remove(id) {
      store.remove(id);
      webhooks.changed();
    },
    renew(id) {
      const secret = newSecret();
      store.setSecret(id, seal(secret));
      return { ...store.get(id), secret };
    },
    test: (id, user) => webhooks.test(store.get(id), user),
    deliveries: (id: WebhookId) => store.deliveries(id, SHOWN_DELIVERIES),
  };
}

/** What is taken from the wire, or was checked before. */
interface Unchecked extends Pick<WebhookDraft, 'name' | 'url' | 'enabled' | 'kinds'> {
  readonly cameras: readonly string[] | null;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** @throws NvrError `invalid` or `forbidden` naming the field */
async function checked(
  { name, url, enabled, kinds, cameras }: Unchecked,
  rules: AddressRules,
): Promise<WebhookDraft> {
  if (!URL.canParse(url)) throw new NvrError('invalid', 'This is no address.', { field: 'url' });
  const { hostname, href, username, password } = new URL(url);
  if (username !== '' || password !== '')
    throw new NvrError('invalid', 'An address with a user or password is not taken.', { field: 'url' });
  await expectReachable(hostname.replace(/^\[|\]$/g, ''), 'webhook', rules, 'url');
  return {
    name: name.trim(),
    url: href,
    enabled,
    kinds: kinds === null ? null : [...kinds],
    cameras: cameras?.map((id) => cameraId(id, 'cameras')) ?? null,
  };
}
