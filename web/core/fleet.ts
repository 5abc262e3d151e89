/** All cameras with their live state: one shared store, asked for every 2 s while the page is seen. */
import { computed, signal } from '@preact/signals';
import type { CameraList, CameraView } from '../../types/api.ts';
import { ApiError, get } from './api.ts';
import { exactNow, synchronise, system } from './clock.ts';

const EVERY_MS = 2_000;
/** So many unanswered requests in a row, and the recorder is lost. */
const MISSES = 2;

/** Null until the recorder has answered for the first time. */
export const cameras = signal<readonly CameraView[] | null>(null);
/** When the recorder was lost, in epoch milliseconds; null while it answers. */
export const lostSince = signal<number | null>(null);

export const cameraById = computed(() => new Map((cameras.value ?? []).map((camera) => [camera.id, camera])));

let running: AbortController | null = null;
let misses = 0;

/** Begins to ask, if that is not being done already. */
export function startPolling(): void {
  if (running) return;
  running = new AbortController();
  void poll(running.signal);
}

export function stopPolling(): void {
  running?.abort();
  running = null;
}

/** Asks at once, after a change that one wants to see. */
export async function refresh(): Promise<void> {
  await ask(running?.signal);
}

/** Puts an answer in its place before the next poll brings it. */
export function remember(camera: CameraView): void {
  const list = cameras.peek() ?? [];
  const known = list.some(({ id }) => id === camera.id);
  const all = known ? list.map((old) => (old.id === camera.id ? camera : old)) : [...list, camera];
  cameras.value = all.toSorted(byPlace);
}

/** As the recorder lists them: by position, those without one last, and by name. */
function byPlace(a: CameraView, b: CameraView): number {
  return placeOf(a) - placeOf(b) || a.name.localeCompare(b.name, 'en');
}

function placeOf({ position }: CameraView): number {
  return position ?? Number.MAX_SAFE_INTEGER;
}

export function forget(id: string): void {
  cameras.value = (cameras.peek() ?? []).filter((camera) => camera.id !== id);
}

async function poll(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (document.visibilityState === 'visible') await ask(signal);
    await pause(signal);
  }
}

async function ask(signal?: AbortSignal): Promise<void> {
  try {
    const answer = await get<CameraList>('/cameras', signal);
    if (lostSince.peek() !== null || !system.peek()) await synchronise();
    cameras.value = answer.cameras;
    misses = 0;
    lostSince.value = null;
  } catch (error) {
    if (signal?.aborted || !isLost(error)) return;
    misses += 1;
    if (misses >= MISSES) lostSince.value ??= exactNow();
  }
}

/** A refusal is an answer too; silence and a gateway that speaks for the recorder are not. */
function isLost(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
}

/** Until the next turn, or until the page is seen again. */
function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      window.clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const seen = () => {
      if (document.visibilityState === 'visible') done();
    };
    const timer = window.setTimeout(done, EVERY_MS);
    document.addEventListener('visibilitychange', seen);
    signal.addEventListener('abort', done);
  });
}
