/** Good requests of what finds footage, as in `requests.ts`. */
import { ACTIVITY, CALENDAR, TIMELINE } from './findingPorts.ts';
import { NOW } from './harness.ts';
import type { GoodRequest } from './requests.ts';

const API = '/api/v1';
const JSON_TYPE = 'application/json; charset=utf-8';
const { now: _, ...RULE } = ACTIVITY;

export const FINDING_REQUESTS: readonly GoodRequest[] = [
  {
    method: 'GET',
    route: `${API}/timeline`,
    url: `${API}/timeline?cameras=front-door,yard&from=${NOW}&to=${NOW + 120_000}&resolution=60000`,
    calls: [['timeline', ['front-door', 'yard'], { startMs: NOW, endMs: NOW + 120_000 }, 60_000]],
    answer: TIMELINE,
    type: JSON_TYPE,
    cache: 'revalidate',
  },
  {
    method: 'GET',
    route: `${API}/calendar`,
    url: `${API}/calendar?month=2026-03`,
    calls: [['calendar', null, '2026-03']],
    answer: CALENDAR,
    type: JSON_TYPE,
    cache: 'revalidate',
  },
  {
    method: 'GET',
    route: `${API}/cameras/:cameraId/activity`,
    url: `${API}/cameras/front-door/activity`,
    calls: [['rule', 'front-door']],
    answer: ACTIVITY,
    type: JSON_TYPE,
  },
  {
    method: 'PUT',
    route: `${API}/cameras/:cameraId/activity`,
    url: `${API}/cameras/front-door/activity`,
    payload: RULE,
    calls: [['setRule', 'front-door', RULE]],
    answer: ACTIVITY,
    type: JSON_TYPE,
  },
];
