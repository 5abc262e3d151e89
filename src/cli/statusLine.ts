/** One line of a terminal that is drawn again and again. */

const LONGEST_BAR = 30;
const SHORTEST_BAR = 5;
/** Of a terminal that does not say how wide it is. */
const USUAL_COLUMNS = 80;

/**
 * A bar and words in one row: the bar gives way before the words do, for a row that wraps can't be drawn over.
 * @param share of the bar that is filled, 0 to 1; null for a dot instead of a bar
 */
export function barLine(share: number | null, words: string, columns: number): string {
  const room = columns - 1;
  const length = share === null ? 1 : Math.min(LONGEST_BAR, room - words.length - 1);
  if (share !== null && length < SHORTEST_BAR) return words.slice(0, Math.max(0, room));
  const bar = share === null ? '●' : '█'.repeat(Math.floor(Math.min(1, share) * length)).padEnd(length, '░');
  return `${bar} ${words}`.slice(0, Math.max(0, room));
}

/** Draws on the standard error over what was drawn last. */
export function drawBar(share: number | null, words: string): void {
  clearLine();
  process.stderr.write(barLine(share, words, process.stderr.columns || USUAL_COLUMNS));
}

export function clearLine(): void {
  process.stderr.write('\r\x1b[K');
}
