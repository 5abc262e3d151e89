import { expect, it } from 'vitest';
import { barLine } from '../../src/cli/statusLine.ts';

const WORDS = '1.5 of 3 s  36 frames  0.1 MB';

it.each([
  ['a bar of thirty', 100, `${'█'.repeat(15)}${'░'.repeat(15)} ${WORDS}`],
  ['a shorter bar', 40, `████░░░░░ ${WORDS}`],
  ['no bar', 34, WORDS],
  ['what of the words has room', 11, '1.5 of 3 s'],
])('has %s in %d… columns', (_, columns, line) => {
  expect(barLine(0.5, WORDS, columns)).toBe(line);
});

it('is full beyond the end, and a dot where there is none', () => {
  expect(barLine(1.2, 'x', 12)).toBe('█████████ x');
  expect(barLine(null, 'Connecting…', 80)).toBe('● Connecting…');
});
