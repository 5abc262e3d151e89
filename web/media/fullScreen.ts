/** Full screen, and a screen that stays on meanwhile. */
import { signal } from '@preact/signals';

export const isFullScreen = signal(false);

let lock: WakeLockSentinel | null = null;

export function toggleFullScreen(element: Element | null): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  // An iPhone has no full screen but for the video itself.
  else if (element?.requestFullscreen) void element.requestFullscreen().catch(() => undefined);
}

document.addEventListener('fullscreenchange', () => {
  isFullScreen.value = document.fullscreenElement !== null;
  if (isFullScreen.value) void keepAwake();
  else void lock?.release();
});

/** A wall that is watched must not go dark. Where that is not possible, nothing is lost. */
async function keepAwake(): Promise<void> {
  try {
    lock = await navigator.wakeLock.request('screen');
  } catch {
    lock = null;
  }
}
