/** States that are hard to bring about, by changing what the recorder tells a page of its cameras. */
import type { Page } from 'playwright-core';
import type { CameraList, CameraView } from '../../types/api.ts';

type Change = (camera: CameraView, nowMs: number) => CameraView;

const MINUTE_MS = 60_000;

/** The camera can't be reached for a quarter of an hour. */
export const offline: Change = (camera, nowMs) =>
  changed(camera, nowMs - 14 * MINUTE_MS, {
    source: { ...camera.status.source, state: 'backoff', attempt: 9, cause: 'unreachable', message: null },
    recording: {
      ...camera.status.recording,
      state: 'waiting',
      cause: 'unreachable',
      sinceMs: nowMs - 14 * MINUTE_MS,
    },
  });

/** The connection stands, and nothing comes. */
export const noSignal: Change = (camera, nowMs) =>
  changed(camera, nowMs - 12_000, {
    source: { ...camera.status.source, state: 'stalled', cause: 'stalled' },
    recording: { ...camera.status.recording, state: 'waiting', cause: 'stalled', sinceMs: nowMs - 12_000 },
  });

/** Live, but nothing reaches the disk. */
export const notRecording: Change = (camera, nowMs) => ({
  ...camera,
  status: {
    ...camera.status,
    lastDurableMs: nowMs - 4 * MINUTE_MS,
    recording: {
      ...camera.status.recording,
      state: 'waiting',
      cause: 'storage',
      sinceMs: nowMs - 4 * MINUTE_MS,
    },
  },
});

export const connecting: Change = (camera) => ({
  ...camera,
  status: {
    ...camera.status,
    source: { ...camera.status.source, state: 'connecting', attempt: 2, cause: null },
    recording: { ...camera.status.recording, state: 'waiting', cause: 'starting', sinceMs: Date.now() },
  },
});

export const switchedOff: Change = (camera) => ({
  ...camera,
  enabled: false,
  status: {
    ...camera.status,
    source: { ...camera.status.source, state: 'off' },
    recording: { ...camera.status.recording, state: 'idle', wanted: false, cause: null },
  },
});

/** Applies changes to the first cameras, in order. */
export async function pretend(page: Page, changes: readonly Change[]): Promise<void> {
  await page.route('**/api/v1/cameras', async (route) => {
    const response = await route.fetch();
    const { cameras }: CameraList = await response.json();
    const json = { cameras: cameras.map((camera, index) => changes[index]?.(camera, Date.now()) ?? camera) };
    await route.fulfill({ response, json });
  });
}

/** Shows no more cameras than so many. */
export async function only(page: Page, count: number): Promise<void> {
  await page.route('**/api/v1/cameras', async (route) => {
    const response = await route.fetch();
    const { cameras }: CameraList = await response.json();
    await route.fulfill({ response, json: { cameras: cameras.slice(0, count) } });
  });
}

/** Lets requests fail as if the recorder were gone. */
export async function failing(page: Page, pattern: string): Promise<void> {
  await page.route(pattern, (route) => route.abort());
}

/** Lets what a screen asks for take longer than anybody looks. */
export async function slow(page: Page): Promise<void> {
  await page.route(/api\/v1\/(storage|events|timeline|alarms)/, () => new Promise<void>(() => undefined));
}

function changed(camera: CameraView, lastMs: number, status: Partial<CameraView['status']>): CameraView {
  return {
    ...camera,
    status: { ...camera.status, lastFragmentMs: lastMs, lastDurableMs: lastMs, ...status },
  };
}
