/** Good requests of the routes that have to do with what happens. */
import { expect } from 'vitest';
import { ALARM, DELIVERY, LEVELS, MARK, MQTT, WEBHOOK } from './eventFakes.ts';
import { type Call, NOW } from './harness.ts';
import type { GoodRequest } from './requests.ts';

const API = '/api/v1';
const JSON_TYPE = 'application/json; charset=utf-8';

const HOOK = { name: 'Home automation', url: 'https://hooks.example/nightjar', kinds: ['gap-begun'] };
const WEBHOOKS: readonly (readonly [
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  calls: readonly Call[],
  answer: object,
  payload?: object,
  status?: number,
])[] = [
  ['GET', '', [['webhooks']], { webhooks: [WEBHOOK] }],
  ['POST', '', [['createWebhook', HOOK]], { ...WEBHOOK, secret: 'once' }, HOOK, 201],
  ['GET', '/:webhookId', [['webhook', 3]], WEBHOOK],
  ['PATCH', '/:webhookId', [['updateWebhook', 3, { enabled: false }]], WEBHOOK, { enabled: false }],
  ['POST', '/:webhookId/secret', [['renewSecret', 3]], { ...WEBHOOK, secret: 'another' }],
  [
    'POST',
    '/:webhookId/test',
    [['testWebhook', 3, expect.any(String)]],
    { status: 200, error: null, ms: 12 },
  ],
  ['GET', '/:webhookId/deliveries', [['deliveries', 3]], { deliveries: [DELIVERY] }],
];

export const EVENT_REQUESTS: readonly GoodRequest[] = [
  {
    method: 'GET',
    route: `${API}/events`,
    url: `${API}/events?cameras=front-door&kinds=mark,activity&from=${NOW}&to=${NOW + 1}&text=a&limit=1&cursor=${NOW}-7`,
    calls: [
      [
        'findEvents',
        {
          cameras: ['front-door'],
          general: false,
          kinds: ['mark', 'activity'],
          fromMs: NOW,
          toMs: NOW + 1,
          text: 'a',
          after: { atMs: NOW, id: 7 },
          limit: 1,
        },
      ],
    ],
    answer: { events: [MARK], next: `${NOW}-9` },
    type: JSON_TYPE,
  },
  {
    method: 'POST',
    route: `${API}/events`,
    url: `${API}/events`,
    payload: { text: 'A parcel was left.', cameras: ['front-door'], atMs: NOW },
    status: 201,
    calls: [['mark', { text: 'A parcel was left.', cameras: ['front-door'], atMs: NOW }, expect.any(String)]],
    answer: { events: [MARK] },
    type: JSON_TYPE,
  },
  {
    method: 'PATCH',
    route: `${API}/events/:eventId`,
    url: `${API}/events/9`,
    payload: { endMs: null },
    calls: [['changeMark', 9, { endMs: null }]],
    answer: MARK,
    type: JSON_TYPE,
  },
  {
    method: 'DELETE',
    route: `${API}/events/:eventId`,
    url: `${API}/events/9`,
    status: 204,
    calls: [['removeMark', 9]],
    answer: '',
  },
  {
    method: 'GET',
    route: `${API}/alarms`,
    url: `${API}/alarms`,
    calls: [],
    answer: { alarms: [ALARM] },
    type: JSON_TYPE,
  },
  {
    method: 'POST',
    route: `${API}/alarms/:alarmId/acknowledge`,
    url: `${API}/alarms/not-durable.front-door/acknowledge`,
    calls: [['acknowledge', 'not-durable.front-door', expect.any(String)]],
    answer: ALARM,
    type: JSON_TYPE,
  },
  ...WEBHOOKS.map(([method, path, calls, answer, payload, status = 200]) => ({
    ...{ method, calls, answer, status, type: JSON_TYPE },
    ...(payload === undefined ? {} : { payload }),
    route: `${API}/webhooks${path}`,
    url: `${API}/webhooks${path.replace(':webhookId', '3')}`,
  })),
  {
    method: 'DELETE',
    route: `${API}/webhooks/:webhookId`,
    url: `${API}/webhooks/3`,
    status: 204,
    calls: [['removeWebhook', 3]],
    answer: '',
  },
  {
    method: 'GET',
    route: `${API}/mqtt`,
    url: `${API}/mqtt`,
    calls: [['mqtt']],
    answer: MQTT,
    type: JSON_TYPE,
  },
  {
    method: 'PUT',
    route: `${API}/mqtt`,
    url: `${API}/mqtt`,
    payload: { enabled: false, password: null },
    calls: [['setMqtt', { enabled: false, password: null }]],
    answer: MQTT,
    type: JSON_TYPE,
  },
  { method: 'GET', route: `${API}/logs`, url: `${API}/logs`, calls: [], answer: LEVELS, type: JSON_TYPE },
  {
    method: 'PATCH',
    route: `${API}/logs`,
    url: `${API}/logs`,
    payload: { http: 'warn' },
    calls: [['setLevels', { http: 'warn' }]],
    answer: LEVELS,
    type: JSON_TYPE,
  },
];
