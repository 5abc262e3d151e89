/** A good request of every route of pictures. */
import { expect } from 'vitest';
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
  {
    method: 'GET',
    route: `${CAMERA}/:cameraId/live.mjpeg`,
    url: `${CAMERA}/front-door/live.mjpeg?fps=2`,
    calls: [['watchPictures', 'front-door', { width: 640, fps: 2 }, expect.any(String)]],
    answer:
      '--nightjar-picture\r\nContent-Type: image/jpeg\r\nContent-Length: 6\r\n\r\na jpeg\r\n--nightjar-picture\r\n',
    type: 'multipart/x-mixed-replace; boundary=nightjar-picture',
    cache: 'no-store',
  },
];
