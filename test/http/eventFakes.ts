/** Fake ports of what happens. */
import type { EventId, NvrEvent } from '../../src/domain/event.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import type { EventPorts } from '../../src/http/eventPort.ts';
import type { AlarmView } from '../../src/http/wire/alarm.ts';
import type { LogLevels } from '../../src/http/wire/logs.ts';
import type { MqttView } from '../../src/http/wire/mqtt.ts';
import type { DeliveryView, WebhookView } from '../../src/http/wire/webhook.ts';

/** Makes a method that notes its call and gives an answer. */
export type Noted = <Args extends unknown[], Answer>(
  name: string,
  answer: Answer,
) => (...args: Args) => Promise<Answer>;

export const MARK: NvrEvent = {
  id: 9 as EventId,
  atMs: epochMs(1_774_738_800_000),
  kind: 'mark',
  cameraId: cameraId('front-door'),
  text: 'A parcel was left.',
  data: { by: 'operator' },
};

export const ALARM: AlarmView = {
  id: 'not-durable.front-door',
  kind: 'not-durable',
  subject: 'front-door',
  cameraId: 'front-door',
  text: 'Nothing of Front door has reached the disk for 40 s.',
  sinceMs: epochMs(1_774_738_800_000),
  acknowledged: null,
};

export const WEBHOOK: WebhookView = {
  id: 3,
  name: 'Home automation',
  url: 'https://hooks.example/nightjar',
  enabled: true,
  kinds: ['gap-begun'],
  cameras: null,
  createdMs: 1_774_738_800_000,
};

export const DELIVERY: DeliveryView = {
  ...{ id: 8, createdMs: 1_774_738_800_000, state: 'waiting', attempts: 1, triedMs: 1_774_738_800_000 },
  ...{ nextMs: 1_774_738_805_000, status: 503, error: 'It answered 503.' },
};

export const MQTT: MqttView = {
  ...{ enabled: true, url: 'mqtt://192.0.2.5:1883', username: 'nightjar', hasPassword: true },
  ...{ prefix: 'nightjar', discovery: true, verify: true, kinds: null, cameras: ['front-door'] },
  ...{ state: 'offline', error: 'Connection refused.' },
};

export const LEVELS: LogLevels = {
  ...({ archive: 'info', cameras: 'debug', events: 'info', finding: 'info', http: 'warn' } as const),
};

export function fakeEventPorts(noted: Noted): EventPorts {
  return {
    events: {
      find: noted('findEvents', { items: [MARK], more: true }),
      // Asked before each change of it, so not noted.
      get: () => MARK,
      mark: noted('mark', [MARK]),
      change: noted('changeMark', MARK),
      remove: noted('removeMark', undefined),
      since: () => [MARK],
      lastId: MARK.id,
      subscribe: () => () => undefined,
      publish: () => undefined,
    },
    webhooks: {
      list: noted('webhooks', [WEBHOOK]),
      get: noted('webhook', WEBHOOK),
      create: noted('createWebhook', { ...WEBHOOK, secret: 'once' }),
      update: noted('updateWebhook', WEBHOOK),
      remove: noted('removeWebhook', undefined),
      renew: noted('renewSecret', { ...WEBHOOK, secret: 'another' }),
      test: noted('testWebhook', { status: 200, error: null, ms: 12 }),
      deliveries: noted('deliveries', [DELIVERY]),
    },
    mqtt: { get: noted('mqtt', MQTT), set: noted('setMqtt', MQTT) },
    logs: { levels: () => LEVELS, set: (levels) => void noted('setLevels', null)(levels) },
    alarms: { list: () => [ALARM], acknowledge: noted('acknowledge', ALARM) },
  };
}
