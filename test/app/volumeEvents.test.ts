/** Folders of footage that go and come back. */
import { expect, test } from 'vitest';
import { VolumeEvents, type WatchedVolume } from '../../src/app/volumeEvents.ts';
import type { EventDraft } from '../../src/domain/event.ts';

test('a folder that goes and comes back is told once each, whatever else is said of it', () => {
  const told: EventDraft[] = [];
  let volumes: WatchedVolume[] = [];
  const trouble = (text: string | null) => {
    volumes = [{ id: 1, path: '/media', trouble: text, damagedFiles: 0 }];
  };
  trouble(null);
  const watch = new VolumeEvents({
    volumes: () => volumes,
    foundDamaged: () => 0,
    publish: (draft) => told.push(draft),
  });
  for (const text of [null, 'It is not mounted.', 'It is another disk.', null, null]) {
    trouble(text);
    watch.look();
  }
  expect(told).toEqual([
    {
      kind: 'volume',
      text: 'The folder /media is out of use. It is not mounted.',
      data: { volume: 1, folder: '/media', usable: false },
    },
    {
      kind: 'volume',
      text: 'The folder /media is in use again.',
      data: { volume: 1, folder: '/media', usable: true },
    },
  ]);
});

test('damaged files are told when they are found, at the start or later, and not again', () => {
  const told: EventDraft[] = [];
  let damagedFiles = 3;
  const watch = new VolumeEvents({
    volumes: () => [{ id: 1, path: '/media', trouble: null, damagedFiles }],
    foundDamaged: () => 1,
    publish: (draft) => told.push(draft),
  });
  for (const files of [3, 3, 5, 2, 2]) {
    damagedFiles = files;
    watch.look();
  }
  expect(told).toMatchObject([
    { kind: 'volume', data: { folder: '/media', damaged: 1 } },
    { kind: 'volume', data: { folder: '/media', damaged: 2 } },
  ]);
  expect(told).toHaveLength(2);
});
