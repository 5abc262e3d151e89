/** Kiosk: nothing but the wall, on a screen that stays on; several pages of it take turns. */
import { computed } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { address, go } from '../core/router.ts';
import { keepAwake } from '../media/wakeLock.ts';
import { wallLink } from './filter.ts';

const TURN_MS = 20_000;
/** The pointer is out of the way so long after it moved. */
const IDLE_MS = 3_000;

export const isKiosk = computed(() => address.value.screen === 'live' && address.value.query.has('kiosk'));

/** Opens or ends it, with the same cameras. */
export function toggleKiosk(): void {
  go(wallLink({ kiosk: isKiosk.peek() ? null : 1 }));
}

/** @param turn shows the next page */
export function useKiosk(pages: number, turn: () => void): void {
  const on = isKiosk.value;
  useEffect(() => {
    if (!on) return;
    keepAwake('kiosk', true);
    const turning = pages > 1 ? window.setInterval(turn, TURN_MS) : undefined;
    const stopHiding = hidePointer();
    return () => {
      keepAwake('kiosk', false);
      window.clearInterval(turning);
      stopHiding();
    };
  }, [on, pages]);
}

function hidePointer(): () => void {
  let timer: number | undefined;
  const wake = () => {
    document.documentElement.classList.remove('idle');
    window.clearTimeout(timer);
    timer = window.setTimeout(() => document.documentElement.classList.add('idle'), IDLE_MS);
  };
  wake();
  document.addEventListener('pointermove', wake);
  return () => {
    window.clearTimeout(timer);
    document.documentElement.classList.remove('idle');
    document.removeEventListener('pointermove', wake);
  };
}
