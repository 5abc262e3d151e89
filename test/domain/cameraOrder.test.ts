import { describe, expect, it } from 'vitest';
import { byPlace } from '../../src/domain/cameraOrder.ts';
import { cameraId } from '../../src/domain/ids.ts';

function camera(id: string, name: string, position?: number | null) {
  return { id: cameraId(id), name, ...(position === undefined ? {} : { position }) };
}

describe('byPlace', () => {
  it.each([
    ['by position', [camera('b', 'B', 2), camera('a', 'A', 10), camera('c', 'C', 0)], 'cba'],
    ['those without a position last', [camera('a', 'A'), camera('b', 'B', null), camera('c', 'C', 7)], 'cab'],
    ['equals by name', [camera('a', 'Yard', 1), camera('b', 'attic', 1), camera('c', 'Door', 1)], 'bca'],
    ['the same names by id', [camera('b', 'Door'), camera('a', 'Door')], 'ab'],
  ])('sorts %s', (_, cameras, order) => {
    for (const given of [cameras, cameras.toReversed()]) {
      expect(
        given
          .toSorted(byPlace)
          .map(({ id }) => id)
          .join(''),
      ).toBe(order);
    }
  });
});
