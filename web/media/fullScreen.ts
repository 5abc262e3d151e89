/** Full screen, and a screen that stays on meanwhile. */
import { signal } from '@preact/signals';
import { keepAwake } from './wakeLock.ts';

export const isFullScreen = signal(false);

export function toggleFullScreen(element: Element | null): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  // An iPhone has no full screen but for the video itself.
  else if (element?.requestFullscreen) void element.requestFullscreen().catch(() => undefined);
}

document.addEventListener('fullscreenchange', () => {
  isFullScreen.value = document.fullscreenElement !== null;
  keepAwake('full screen', isFullScreen.value);
});
