/** Events as the API has them, over a real bus and index: marks, pages, what may be changed. */
import { expect, test } from 'vitest';
import { EventBus } from '../../src/app/eventBus.ts';
import { eventsPort } from '../../src/app/eventsPort.ts';
import { Database } from '../../src/archive/database.ts';
import { EventStore } from '../../src/archive/eventStore.ts';
import { migrate } from '../../src/archive/migrations.ts';
import type { EventId, EventQuery } from '../../src/domain/event.ts';
import { epochMs } from '../../src/domain/time.ts';

const NOW = epochMs(1_790_000_000_000);
const clock = { now: () => NOW, monotonic: () => 0 };
const QUERY: EventQuery = {
  ...{ cameras: null, general: true, kinds: null, fromMs: null, toMs: null, text: null },
  ...{ after: null, limit: 2 },
};

function openPort() {
  const database = Database.open(':memory:');
  migrate(database);
  const store = new EventStore(database);
  const bus = new EventBus(store, clock, { error: () => undefined });
  return { bus, port: eventsPort({ bus, store, clock, knows: (id) => id !== 'nobody' }) };
}

test('a mark of several cameras is one of each, by whom and now', async () => {
  const { port } = openPort();
  const made = await port.mark({ text: ' a fox ', cameras: ['front', 'yard'] }, 'ann');
  expect(made.map(({ cameraId, text, atMs, data }) => ({ cameraId, text, atMs, data }))).toEqual([
    { cameraId: 'front', text: 'a fox', atMs: NOW, data: { by: 'ann' } },
    { cameraId: 'yard', text: 'a fox', atMs: NOW, data: { by: 'ann' } },
  ]);
  expect(await port.mark({ text: 'everywhere' }, 'ann')).toHaveLength(1);
  const page = await port.find(QUERY);
  expect(page.more).toBe(true);
  expect(page.items).toHaveLength(2);
});

test.each([
  ['a camera that nobody knows', { cameras: ['nobody'] }, 'not-found', 'cameras'],
  ['an end before the beginning', { atMs: NOW, endMs: NOW - 1 }, 'invalid', 'endMs'],
  ['more than a week', { atMs: NOW - 8 * 86_400_000, endMs: NOW }, 'invalid', 'endMs'],
  ['the future', { atMs: NOW + 3_600_000 }, 'invalid', 'atMs'],
] as const)('a mark of %s is refused', (_, wrong, kind, field) => {
  const { port } = openPort();
  const input = { text: 'x', ...wrong, cameras: 'cameras' in wrong ? [...wrong.cameras] : [] };
  expect(() => port.mark(input, 'ann')).toThrow(expect.objectContaining({ kind, field }));
});

test('a mark becomes an interval and a moment again, and goes', async () => {
  const { port } = openPort();
  const [mark] = await port.mark({ text: 'x', atMs: NOW - 5000 }, 'ann');
  const id = mark?.id ?? expect.unreachable();
  expect(await port.change(id, { endMs: NOW })).toMatchObject({ atMs: NOW - 5000, endMs: NOW, text: 'x' });
  expect(await port.change(id, { text: 'y', endMs: null })).not.toHaveProperty('endMs');
  expect(await port.get(id)).toMatchObject({ text: 'y', data: { by: 'ann' } });
  await port.remove(id);
  expect(() => port.get(id)).toThrow('no event');
});

test('what happened by itself is history', () => {
  const { port, bus } = openPort();
  const { id } = bus.record({ kind: 'system', text: 'started' });
  expect(() => port.change(id, { text: 'never' })).toThrow(expect.objectContaining({ kind: 'conflict' }));
  expect(() => port.remove(id)).toThrow(expect.objectContaining({ kind: 'conflict' }));
  expect(() => port.remove(99 as EventId)).toThrow(expect.objectContaining({ kind: 'not-found' }));
});
