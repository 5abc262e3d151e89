/** A good request of every route of pictures. */
import { expect } from 'vitest';
import { NOW } from './harness.ts';
import { PREVIEWS, SHEET_TAG } from './picturePorts.ts';
import type { GoodRequest } from './requests.ts';

const CAMERA = '/api/v1/cameras';
const SOURCE = { kind: 'rtsp', url: 'rtsp://192.0.2.1/main' };

export const PICTURE_REQUESTS: readonly GoodRequest[] = [
  {
    method: 'POST',
    route: '/api/v1/probe/picture',
    url: '/api/v1/probe/picture',
    payload: { source: SOURCE },
    calls: [['probePicture', SOURCE]],
    answer: 'a jpeg',
    type: 'image/jpeg',
    cache: 'no-store',
  },
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
  {
    method: 'GET',
    route: `${CAMERA}/:cameraId/previews`,
    url: `${CAMERA}/front-door/previews?from=${NOW}&to=${NOW + 60_000}&step=10000`,
    calls: [['previews', 'front-door', { startMs: NOW, endMs: NOW + 60_000 }, 10_000]],
    answer: {
      sheets: PREVIEWS.sheets.map(({ tag, ...sheet }) => ({
        url: `${CAMERA}/front-door/previews/${sheet.fromMs}-10000-${tag}.jpg`,
        ...sheet,
      })),
    },
    type: 'application/json; charset=utf-8',
  },
  {
    method: 'GET',
    route: `${CAMERA}/:cameraId/previews/:from-:step-:tag.jpg`,
    url: `${CAMERA}/front-door/previews/${NOW}-10000-${SHEET_TAG}.jpg`,
    calls: [['sheet', 'front-door', { startMs: NOW, stepMs: 10_000, tag: SHEET_TAG }]],
    answer: 'a sheet',
    type: 'image/jpeg',
    cache: 'immutable',
  },
  {
    method: 'GET',
    route: `${CAMERA}/:cameraId/contact-sheet.jpg`,
    url: `${CAMERA}/front-door/contact-sheet.jpg?from=${NOW}&to=${NOW + 60_000}&width=640`,
    calls: [['contactSheet', 'front-door', { startMs: NOW, endMs: NOW + 60_000 }, 640]],
    answer: 'a contact sheet',
    type: 'image/jpeg',
    cache: 'revalidate',
  },
];
