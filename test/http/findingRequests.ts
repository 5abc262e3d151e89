/** Good requests of what finds footage, as in `requests.ts`. */
import { ACTIVITY, CALENDAR, EXPORT_JOB, TIMELINE } from './findingPorts.ts';
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
  {
    method: 'GET',
    route: `${API}/exports`,
    url: `${API}/exports`,
    calls: [['exports']],
    answer: { exports: [EXPORT_JOB], key: '0123-4567' },
    type: JSON_TYPE,
  },
  {
    method: 'POST',
    route: `${API}/exports`,
    url: `${API}/exports`,
    payload: { cameras: ['front-door', 'yard'], fromMs: NOW - 60_000, toMs: NOW },
    status: 201,
    calls: [
      [
        'orderExport',
        {
          cameras: ['front-door', 'yard'],
          fromMs: NOW - 60_000,
          toMs: NOW,
          format: 'mp4',
          zip: true,
          burnTime: false,
        },
        'admin',
      ],
    ],
    answer: EXPORT_JOB,
    type: JSON_TYPE,
  },
  {
    method: 'GET',
    route: `${API}/exports/:exportId`,
    url: `${API}/exports/7`,
    calls: [['export', 7]],
    answer: EXPORT_JOB,
    type: JSON_TYPE,
  },
  {
    method: 'DELETE',
    route: `${API}/exports/:exportId`,
    url: `${API}/exports/7`,
    status: 204,
    calls: [
      ['export', 7],
      ['removeExport', 7],
    ],
    answer: '',
  },
  {
    method: 'GET',
    route: `${API}/exports/:exportId/file`,
    url: `${API}/exports/7/file`,
    calls: [
      ['export', 7],
      ['exportFile', 7],
    ],
    answer: '0123456789',
    type: 'video/mp2t',
    cache: 'revalidate',
  },
];
