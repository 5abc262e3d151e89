/** A good request of every route of pictures. */
import { NOW } from './harness.ts';
import type { GoodRequest } from './requests.ts';

const CAMERA = '/api/v1/cameras';

export const PICTURE_REQUESTS: readonly GoodRequest[] = [
  {
    method: 'GET',
    route: `${CAMERA}/:cameraId/snapshot.jpg`,
    url: `${CAMERA}/front-door/snapshot.jpg?t=${NOW}&width=640`,
    calls: [['snapshot', 'front-door', { atMs: NOW, width: 640 }]],
    answer: 'a jpeg',
    type: 'image/jpeg',
    cache: 'immutable',
  },
];
