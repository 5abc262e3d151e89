/** Telling and hearing of events, over a real index and one that refuses. */
import { expect, test, vi } from 'vitest';
import { EventBus } from '../../src/app/eventBus.ts';
import { Database } from '../../src/archive/database.ts';
import { EventStore } from '../../src/archive/eventStore.ts';
import { migrate } from '../../src/archive/migrations.ts';
import { NvrError } from '../../src/domain/errors.ts';
import type { NvrEvent } from '../../src/domain/event.ts';
import { epochMs } from '../../src/domain/time.ts';

const clock = { now: () => epochMs(1_790_000_000_000), monotonic: () => 0 };
const turn = () => new Promise((resolve) => setImmediate(resolve));

function newStore(): EventStore {
  const database = Database.open(':memory:');
  migrate(database);
  return new EventStore(database);
}

function listening(store: EventStore) {
  const errors: string[] = [];
  const bus = new EventBus(store, clock, { error: (_, message) => errors.push(message) });
  const heard: string[] = [];
  const stop = bus.subscribe(({ id, text }, change) => heard.push(`${change} ${id} ${text}`));
  return { bus, heard, errors, stop };
}

test('who tells is not interrupted: listeners hear, and the index is written, a moment later', async () => {
  const store = newStore();
  const { bus, heard, stop } = listening(store);
  const first = bus.publish({ kind: 'system', text: 'started' });
  bus.publish({ kind: 'mark', text: 'here', endMs: epochMs(1) });
  expect(heard).toEqual([]);
  expect(store.lastId()).toBe(0);
  await turn();
  expect(heard).toEqual(['added 1 started', 'added 2 here']);
  expect(store.get(first.id)).toEqual({
    id: 1,
    atMs: clock.now(),
    kind: 'system',
    text: 'started',
    data: {},
  });
  stop();
  bus.publish({ kind: 'system', text: 'unheard' });
  await turn();
  expect(heard).toHaveLength(2);
});

test('an interval that is empty or turned round is a moment', async () => {
  const { bus } = listening(newStore());
  const { endMs } = bus.publish({ kind: 'activity', text: 'moved', endMs: clock.now() });
  expect(endMs).toBeUndefined();
  await turn();
});

test('what a person writes down is stored when it is answered, after what was told before', () => {
  const store = newStore();
  const { bus, heard } = listening(store);
  bus.publish({ kind: 'system', text: 'started' });
  const mark = bus.record({ kind: 'mark', text: 'a fox' });
  expect(store.get(mark.id).text).toBe('a fox');
  bus.replace({ ...mark, text: 'two foxes' });
  expect(store.get(mark.id).text).toBe('two foxes');
  bus.remove(mark.id);
  expect(() => store.get(mark.id)).toThrow('no event');
  expect(heard).toEqual(['added 2 a fox', 'changed 2 two foxes', 'removed 2 two foxes']);
});

test('numbers go on after a restart', async () => {
  const store = newStore();
  const before = listening(store).bus;
  before.publish({ kind: 'system', text: 'one' });
  before.close();
  expect(listening(store).bus.publish({ kind: 'system', text: 'two' }).id).toBe(2);
});

test('a listener that throws disturbs neither the others nor the index', async () => {
  const store = newStore();
  const { bus, errors } = listening(store);
  bus.subscribe(() => {
    throw new Error('broken');
  });
  const heard: NvrEvent[] = [];
  bus.subscribe((event) => heard.push(event));
  bus.publish({ kind: 'system', text: 'one' });
  await turn();
  expect(heard).toHaveLength(1);
  expect(errors).toEqual(['a listener of events failed']);
  expect(store.lastId()).toBe(1);
});

test('an index that refuses costs nothing but the oldest events, and is tried again', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const store = newStore();
    const add = vi.spyOn(store, 'add').mockImplementation(() => {
      throw new NvrError('exhausted', 'The disk is full.');
    });
    const { bus, heard, errors } = listening(store);
    for (let i = 0; i < 5_003; i++) bus.publish({ kind: 'system', text: 'no' });
    await turn();
    expect(heard).toHaveLength(5_003);
    expect(errors).toEqual(['events could not be written down']);
    expect(bus.lost).toBe(3);
    expect(add).toHaveBeenCalledTimes(1);
    add.mockRestore();
    vi.advanceTimersByTime(2_000);
    expect(store.since(0, 1)[0]?.id).toBe(4);
    expect(store.lastId()).toBe(5_003);
    bus.close();
  } finally {
    vi.useRealTimers();
  }
});
