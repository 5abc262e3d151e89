/** Lists of cameras: in which order, in which group, with which tags. */
import { describe, expect, test } from 'vitest';
import { draftOf, inputOf } from '../../web/cameras/draft.ts';
import { changesOf, movedTo } from '../../web/cameras/reorder.ts';
import { filtered, filtersOf } from '../../web/live/groups.ts';

const CAMERAS = [
  { id: 'hall', group: 'Ground floor', tags: ['indoor'] },
  { id: 'yard', group: 'Outside', tags: ['night', 'gate'] },
  { id: 'gate', group: 'Outside', tags: ['gate'] },
  { id: 'loft' },
];

describe('filters of the wall', () => {
  test('are groups in the order of their cameras, then tags by name', () => {
    const found = filtersOf(CAMERAS).map(({ key, count }) => [key, count]);
    expect(found).toEqual([
      ['group:Ground floor', 1],
      ['group:Outside', 2],
      ['tag:gate', 2],
      ['tag:indoor', 1],
      ['tag:night', 1],
    ]);
  });

  test('leave out what all cameras have', () => {
    expect(filtersOf([{ group: 'House' }, { group: 'House', tags: ['x'] }])).toEqual([
      { key: 'tag:x', name: 'x', count: 1 },
    ]);
  });

  test('tell a group from a tag of the same name', () => {
    const list = [
      { id: 'a', group: 'gate' },
      { id: 'b', tags: ['gate'] },
    ];
    expect(filtered(list, 'tag:gate').map(({ id }) => id)).toEqual(['b']);
    expect(filtered(list, 'group:gate').map(({ id }) => id)).toEqual(['a']);
  });
});

describe('the order of cameras', () => {
  test.each([
    ['a', 2, ['b', 'c', 'a']],
    ['c', 0, ['c', 'a', 'b']],
    ['b', -4, ['b', 'a', 'c']],
    ['b', 9, ['a', 'c', 'b']],
  ])('has %s at %d', (id, index, expected) => {
    expect(movedTo(['a', 'b', 'c'], id, index)).toEqual(expected);
  });

  test('is stored of those only whose position is another one', () => {
    const before = [{ id: 'a', position: 1 }, { id: 'b', position: 2 }, { id: 'c' }];
    expect(changesOf(['a', 'c', 'b'], before)).toEqual([
      { id: 'c', position: 2 },
      { id: 'b', position: 3 },
    ]);
  });
});

test('a camera is sent with its group, tags and position, when it has any', () => {
  const draft = {
    ...draftOf(null),
    name: 'Yard',
    group: ' Outside ',
    tags: 'gate, night,, gate',
    position: '3',
  };
  expect(inputOf(draft)).toMatchObject({ group: 'Outside', tags: ['gate', 'night'], position: 3 });
  expect(inputOf(draftOf(null))).not.toHaveProperty('group');
});
