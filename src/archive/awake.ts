/**
 * Limits for others that do not count against them how long this process itself was held up: stopped, starved of the
 * processor, or put to sleep with its machine. A disk has not been silent while nobody could have heard it.
 */

/** However long the process is held up, that is one of so many steps. */
const STEPS = 10;

/**
 * Calls back once, when so many milliseconds have passed in which the process ran.
 * @returns what calls it off
 */
export function afterAwake(limitMs: number, over: () => void): () => void {
  let left = STEPS;
  const timer = setInterval(() => {
    left--;
    if (left > 0) return;
    clearInterval(timer);
    over();
  }, limitMs / STEPS);
  return () => clearInterval(timer);
}
