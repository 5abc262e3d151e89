/** Good requests of the routes that have to do with what happens. */
import { expect } from 'vitest';
import { ALARM, MARK } from './eventFakes.ts';
import { NOW } from './harness.ts';
import type { GoodRequest } from './requests.ts';

const API = '/api/v1';
const JSON_TYPE = 'application/json; charset=utf-8';

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
];
