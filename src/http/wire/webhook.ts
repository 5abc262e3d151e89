/** Webhooks on the wire. */
import { type Static, Type } from 'typebox';
import { CameraIdText } from './camera.ts';
import { EventKindText } from './event.ts';
import { list, nullable, strict, Time } from './shapes.ts';

const Name = Type.String({ minLength: 1, maxLength: 100, pattern: '\\S', examples: ['Home automation'] });
const Url = Type.String({
  minLength: 8,
  maxLength: 2048,
  pattern: '^https?://[^\\s/@]+(?:[/?][^\\s]*)?$',
  description:
    'http:// or https:// without user and password; where it may lead is bounded by the address policy',
  examples: ['https://hooks.example/nightjar'],
});
const Kinds = nullable(
  Type.Array(EventKindText, {
    maxItems: 32,
    uniqueItems: true,
    description: 'Only events of these kinds; null for all',
  }),
);
const Cameras = nullable(
  Type.Array(CameraIdText, {
    maxItems: 256,
    uniqueItems: true,
    description: 'Only events of these cameras; null for all',
  }),
);

const Secret = Type.String({
  minLength: 16,
  maxLength: 256,
  description: 'To sign with, where the other side has one already',
});

/** Body of `POST /webhooks`. */
export const WebhookInput = strict(
  {
    name: Type.Optional(Name),
    url: Url,
    secret: Type.Optional(Secret),
    enabled: Type.Optional(Type.Boolean({ description: 'Yes when absent' })),
    kinds: Type.Optional(Kinds),
    cameras: Type.Optional(Cameras),
  },
  'Somebody to be told by HTTP',
);
export type WebhookInput = Static<typeof WebhookInput>;

/** Body of `PATCH /webhooks/:webhookId`. */
export const WebhookPatch = Type.Object(
  {
    name: Type.Optional(Name),
    url: Type.Optional(Url),
    secret: Type.Optional(Secret),
    enabled: Type.Optional(Type.Boolean()),
    kinds: Type.Optional(Kinds),
    cameras: Type.Optional(Cameras),
  },
  {
    additionalProperties: false,
    minProperties: 1,
    description: 'Changes of a webhook: what is absent stays',
  },
);
export type WebhookPatch = Static<typeof WebhookPatch>;

const shown = {
  id: Type.Integer({ minimum: 1 }),
  name: Type.String(),
  url: Type.String(),
  enabled: Type.Boolean(),
  kinds: nullable(list(EventKindText)),
  cameras: nullable(list(Type.String())),
  createdMs: Time,
};

export const WebhookView = strict(shown, 'Somebody who is told by HTTP');
export type WebhookView = Static<typeof WebhookView>;

export const WebhookWithSecret = strict(
  {
    ...shown,
    secret: Type.String({
      description:
        'Shown only now. Each request has `Nightjar-Timestamp` (seconds) and `Nightjar-Signature: v1=` with the HMAC-SHA256 in hex of timestamp, full stop and body under this secret',
    }),
  },
  'A webhook and the secret that signs what it is sent',
);
export type WebhookWithSecret = Static<typeof WebhookWithSecret>;

export const WebhookList = strict({ webhooks: list(WebhookView) }, 'All webhooks');
export const WebhookParams = strict(
  { webhookId: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) },
  'A webhook',
);

const Status = nullable(
  Type.Integer({ minimum: 0, description: 'HTTP status of the answer; null without one' }),
);
const Failure = nullable(Type.String({ description: 'Why it failed, as a sentence' }));

export const WebhookTest = strict(
  { status: Status, error: Failure, ms: Type.Integer({ minimum: 0, description: 'How long it took' }) },
  'What came of a test',
);
export type WebhookTest = Static<typeof WebhookTest>;

export const DeliveryView = strict(
  {
    id: Type.Integer({ minimum: 1, description: 'Also `Nightjar-Delivery` of the request' }),
    createdMs: Time,
    state: Type.Enum(['waiting', 'delivered', 'given-up']),
    attempts: Type.Integer({ minimum: 0 }),
    triedMs: nullable(Time),
    nextMs: nullable(Time),
    status: Status,
    error: Failure,
  },
  'An event on its way to a webhook',
);
export type DeliveryView = Static<typeof DeliveryView>;
export const DeliveryList = strict({ deliveries: list(DeliveryView) }, 'The newest deliveries, newest first');
