/** Webhooks as the API speaks of them. */
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { WebhookStore } from '../archive/webhookStore.ts';
import type { AddressRules } from '../domain/addressPolicy.ts';
import { NvrError } from '../domain/errors.ts';
import { cameraId } from '../domain/ids.ts';
import type { Clock } from '../domain/time.ts';
import type { Webhook, WebhookDraft, WebhookId } from '../domain/webhook.ts';
import type { WebhooksPort } from '../http/eventPort.ts';
import type { WebhookInput } from '../http/wire/webhook.ts';
import { expectReachable } from './addressGuard.ts';
import type { Webhooks } from './webhooks.ts';

const MOST_WEBHOOKS = 50;
const SHOWN_DELIVERIES = 100;

export interface WebhookPortDoors {
  readonly store: WebhookStore;
  readonly webhooks: Pick<Webhooks, 'changed' | 'test'>;
  readonly clock: Clock;
  readonly rules: AddressRules;
  /** Makes of a secret what may be stored. */
  seal(secret: string): string;
}

/** Also several at once, as a part of something greater. */
export interface WebhookDoor extends WebhooksPort {
  stored(): readonly Webhook[];
  /**
   * Checks one, in place of another if there is one. Gives which fields change, and what stores it, which waits for
   * nothing; `settle` has to follow.
   * @throws NvrError as `create`
   */
  prepare(
    input: Omit<WebhookInput, 'secret'>,
    before: Webhook | null,
  ): Promise<{ readonly fields: readonly string[]; store(): void }>;
  settle(): void;
}

export function webhooksPort({ store, webhooks, clock, rules, seal }: WebhookPortDoors): WebhookDoor {
  const newSecret = (): string => randomBytes(32).toString('base64url');
  const refuseMore = (): void => {
    if (store.list().length < MOST_WEBHOOKS) return;
    throw new NvrError('exhausted', `There are ${MOST_WEBHOOKS} webhooks already.`);
  };
  return {
    stored: () => store.list(),
    settle: () => webhooks.changed(),
    async prepare({ url, name = hostOf(url), enabled = true, kinds = null, cameras = null }, before) {
      const draft = await checked({ name, url, enabled, kinds, cameras }, rules);
      const fields = before === null ? [] : changedFields(before, draft);
      return {
        fields,
        store() {
          // What was added since, by another import, is not added twice.
          const known = before ?? store.list().find(({ url: other }) => other === draft.url);
          if (known !== undefined) store.update(known.id, draft);
          else {
            refuseMore();
            store.insert(draft, seal(newSecret()), clock.now());
          }
        },
      };
    },
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
      refuseMore();
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

function changedFields(before: Webhook, draft: WebhookDraft): string[] {
  return (['name', 'enabled', 'kinds', 'cameras'] as const).filter(
    (field) => !isDeepStrictEqual(before[field], draft[field]),
  );
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
