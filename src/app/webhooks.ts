/**
 * Tells webhooks what happens: each gets the events that it asked for, one at a time, tried again until it takes them
 * or it is too late. What waits is kept over restarts.
 */
import type { DueDelivery, WebhookStore } from '../archive/webhookStore.ts';
import { messageOf } from '../domain/errors.ts';
import { type NvrEvent, passes } from '../domain/event.ts';
import type { CameraId } from '../domain/ids.ts';
import { type Clock, type EpochMs, epochMs } from '../domain/time.ts';
import { type Outcome, retryAfterMs, type Webhook, type WebhookId } from '../domain/webhook.ts';
import type { Send } from './webhookSender.ts';

export interface WebhookDoors {
  readonly store: WebhookStore;
  readonly clock: Clock;
  readonly send: Send;
  readonly log: { error(fields: object, message: string): void };
  /** Opens what is stored of a secret. */
  open(sealed: string): string;
  /** Null when there is no such camera any more. */
  nameOf(id: CameraId): string | null;
  /** Evenly distributed in 0..1. */
  random(): number;
}

/** For one webhook; more than that and the oldest are given up. */
const MOST_WAITING = 1_000;
/** Of what is over, so many are kept of each webhook to be looked at. */
const KEPT = 200;
/** What is due is looked for at least so often: the wall clock may be set. */
const LONGEST_SLEEP_MS = 60_000;
/** After the database refused. */
const RETRY_MS = 5_000;

export class Webhooks {
  readonly #doors: WebhookDoors;
  readonly #busy = new Map<WebhookId, Promise<void>>();
  /** All of them, so that an event that nobody asked for costs nothing; null after a change. */
  #all: readonly Webhook[] | null = null;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(doors: WebhookDoors) {
    this.#doors = doors;
  }

  /** Goes on with what the last process left. */
  start(): void {
    this.#run();
  }

  /** Forgets what is long over; to be called now and then. */
  prune(): void {
    this.#doors.store.prune(KEPT);
  }

  /** Takes what happened to those that asked for it. */
  hear(event: NvrEvent): void {
    this.#all ??= this.#doors.store.list();
    const ids = this.#all.filter((hook) => hook.enabled && passes(hook, event)).map(({ id }) => id);
    if (ids.length === 0) return;
    const { store, clock } = this.#doors;
    store.enqueue(ids, JSON.stringify({ event, camera: this.#cameraOf(event) }), clock.now(), MOST_WAITING);
    this.#run();
  }

  /** The list of webhooks is another. */
  changed(): void {
    this.#all = null;
    this.#run();
  }

  /** Sends a made-up event at once, whatever the webhook asked for; gives what came of it. */
  async test(hook: Webhook, by: string): Promise<Outcome & { readonly ms: number }> {
    const { clock, send, store, open } = this.#doors;
    const began = clock.monotonic();
    const event = {
      id: 0,
      atMs: clock.now(),
      kind: 'system',
      text: `A test by ${by}.`,
      data: { test: true },
    };
    const outcome = await send({
      url: hook.url,
      body: JSON.stringify({ event, camera: null }),
      secret: open(store.secret(hook.id)),
      deliveryId: `test-${clock.now()}`,
      at: clock.now(),
    });
    return { ...outcome, ms: Math.round(clock.monotonic() - began) };
  }

  /** Resolves when nothing is on its way any more; what was not taken is sent after the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await Promise.all(this.#busy.values());
  }

  #cameraOf({ cameraId }: NvrEvent): { readonly id: CameraId; readonly name: string } | null {
    if (cameraId === undefined) return null;
    return { id: cameraId, name: this.#doors.nameOf(cameraId) ?? cameraId };
  }

  #run(): void {
    this.#guarded(() => {
      for (const { id, enabled } of this.#doors.store.list()) if (enabled) this.#serve(id);
    });
    this.#sleep();
  }

  /** Until something is due, and at least so long. */
  #sleep(leastMs = 0): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const next = this.#guarded(() => this.#doors.store.nextMs([...this.#busy.keys()]));
    const now = this.#doors.clock.now();
    const waitMs = next === undefined ? RETRY_MS : (next ?? now + LONGEST_SLEEP_MS) - now;
    this.#timer = setTimeout(
      () => this.#run(),
      Math.min(Math.max(leastMs, waitMs), LONGEST_SLEEP_MS),
    ).unref();
  }

  /** Sends what is due to one webhook, one after the other. */
  #serve(id: WebhookId): void {
    if (this.#closed || this.#busy.has(id)) return;
    const due = this.#doors.store.due(id, this.#doors.clock.now());
    if (due === undefined) return;
    const served = this.#deliver(id, due)
      .then(() => true)
      .catch((thrown: unknown) => {
        this.#doors.log.error({ webhook: id, reason: messageOf(thrown) }, 'a webhook could not be served');
        return false;
      })
      .then((good) => {
        this.#busy.delete(id);
        if (good) this.#guarded(() => this.#serve(id));
        this.#sleep(good ? 0 : RETRY_MS);
      });
    this.#busy.set(id, served);
  }

  async #deliver(id: WebhookId, due: DueDelivery): Promise<void> {
    const { store, clock, send, open, random } = this.#doors;
    const outcome = await send({
      url: store.get(id).url,
      body: due.body,
      secret: open(store.secret(id)),
      deliveryId: String(due.id),
      at: clock.now(),
    });
    const now = clock.now();
    if (outcome.error === null) {
      store.note(due.id, 'delivered', outcome, now, null);
      return;
    }
    const after = retryAfterMs(due.attempts + 1, random());
    const next: EpochMs | null = after === null ? null : epochMs(now + after);
    store.note(due.id, next === null ? 'given-up' : 'waiting', outcome, now, next);
  }

  /** The database may refuse, which must end nothing here. */
  #guarded<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (thrown) {
      this.#doors.log.error({ reason: messageOf(thrown) }, 'webhooks could not be looked at');
      return undefined;
    }
  }
}
