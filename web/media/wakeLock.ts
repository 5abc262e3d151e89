/** A screen that stays on while somebody wants it to. Where that is not possible, nothing is lost. */

const wanted = new Set<string>();
let lock: WakeLockSentinel | null = null;

/** @param reason so that two who want it do not end it for each other */
export function keepAwake(reason: string, awake: boolean): void {
  if (awake) wanted.add(reason);
  else wanted.delete(reason);
  void update();
}

async function update(): Promise<void> {
  if (wanted.size === 0) {
    await lock?.release().catch(() => undefined);
    lock = null;
  } else if (!lock || lock.released) {
    lock = (await navigator.wakeLock?.request('screen').catch(() => null)) ?? null;
    // Nobody wants it any more: it was asked for too long.
    if (wanted.size === 0) await update();
  }
}

// The browser ends the lock whenever the page is hidden.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && wanted.size > 0) void update();
});
