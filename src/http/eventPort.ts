/** What the HTTP room needs of events, as small interfaces that `app/` implements. */
import type { EventChange, EventDraft, EventId, EventQuery, NvrEvent } from '../domain/event.ts';
import type { WebhookId } from '../domain/webhook.ts';
import type { Awaitable, Paged } from './ports.ts';
import type { AlarmView } from './wire/alarm.ts';
import type { MarkInput, MarkPatch } from './wire/event.ts';
import type { LogLevels, LogLevelsPatch } from './wire/logs.ts';
import type { MqttInput, MqttView } from './wire/mqtt.ts';
import type {
  DeliveryView,
  WebhookInput,
  WebhookPatch,
  WebhookTest,
  WebhookView,
  WebhookWithSecret,
} from './wire/webhook.ts';

/** What happened, and marks by hand. */
export interface EventsPort {
  find(query: EventQuery): Awaitable<Paged<NvrEvent>>;
  /** @throws NvrError `not-found` */
  get(id: EventId): Awaitable<NvrEvent>;
  /** @throws NvrError `invalid` naming the field, `not-found` for a camera that is not registered */
  mark(input: MarkInput, user: string): Awaitable<readonly NvrEvent[]>;
  /** @throws NvrError `not-found`, `invalid` naming the field, `conflict` for what is no mark */
  change(id: EventId, patch: MarkPatch): Awaitable<NvrEvent>;
  /** @throws NvrError `not-found`, `conflict` for what is no mark */
  remove(id: EventId): Awaitable<void>;
  /** Those with greater numbers, in the order of their numbers. */
  since(id: number, limit: number): readonly NvrEvent[];
  /** Of the newest that is stored or about to be; 0 before the first. */
  readonly lastId: number;
  /** Gives the function that ends it. */
  subscribe(listener: (event: NvrEvent, change: EventChange) => void): () => void;
  /** Tells what happened here; never fails. */
  publish(draft: EventDraft): void;
}

/** What needs a person. */
export interface AlarmsPort {
  list(): Awaitable<readonly AlarmView[]>;
  /** @throws NvrError `not-found` */
  acknowledge(id: string, user: string): Awaitable<AlarmView>;
}

/** Who is told by HTTP. Every method that takes an id throws NvrError `not-found` for one it does not know. */
export interface WebhooksPort {
  list(): Awaitable<readonly WebhookView[]>;
  get(id: WebhookId): Awaitable<WebhookView>;
  /** @throws NvrError `invalid`, `forbidden` for an address that the policy refuses, `exhausted` */
  create(input: WebhookInput): Awaitable<WebhookWithSecret>;
  /** @throws as `create` */
  update(id: WebhookId, patch: WebhookPatch): Awaitable<WebhookView>;
  remove(id: WebhookId): Awaitable<void>;
  renew(id: WebhookId): Awaitable<WebhookWithSecret>;
  test(id: WebhookId, user: string): Awaitable<WebhookTest>;
  deliveries(id: WebhookId): Awaitable<readonly DeliveryView[]>;
}

/** The broker that is told by MQTT. */
export interface MqttPort {
  get(): Awaitable<MqttView>;
  /** @throws NvrError `invalid`, `forbidden` for an address that the policy refuses */
  set(input: MqttInput): Awaitable<MqttView>;
}

/** How much each room logs. */
export interface LogsPort {
  levels(): LogLevels;
  set(levels: LogLevelsPatch): void;
}

/** Everything that has to do with what happens. */
export interface EventPorts {
  readonly events: EventsPort;
  readonly alarms: AlarmsPort;
  readonly webhooks: WebhooksPort;
  readonly mqtt: MqttPort;
  readonly logs: LogsPort;
}
