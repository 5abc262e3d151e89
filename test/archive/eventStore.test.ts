/** Events in a real index: searched, paged, resumed, forgotten. */
import { describe, expect, test } from 'vitest';
import { Database } from '../../src/archive/database.ts';
import { EventStore } from '../../src/archive/eventStore.ts';
import { migrate } from '../../src/archive/migrations.ts';
import type { EventId, EventKind, EventQuery, NvrEvent } from '../../src/domain/event.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';

const FRONT = cameraId('front');
const YARD = cameraId('yard');
const ALL: EventQuery = {
  cameras: null,
  general: true,
  kinds: null,
  fromMs: null,
  toMs: null,
  text: null,
  after: null,
  limit: 100,
};
const T0 = 1_790_000_000_000;

function event(id: number, more: Partial<NvrEvent> = {}): NvrEvent {
  const event = { id: id as EventId, atMs: epochMs(T0 + id * 1000), kind: 'mark' as EventKind };
  return { ...event, text: `event ${id}`, data: {}, ...more };
}

function storeWith(...events: NvrEvent[]): EventStore {
  const database = Database.open(':memory:');
  migrate(database);
  const store = new EventStore(database);
  store.add(events);
  return store;
}

const ids = (events: readonly NvrEvent[]): number[] => events.map(({ id }) => id);

describe('a search', () => {
  const store = storeWith(
    event(1, { cameraId: FRONT, text: 'Ein Päckchen "liegt" vor der Tür' }),
    event(2, { cameraId: YARD, kind: 'gap-begun' }),
    event(3, { kind: 'login', text: 'admin logged in' }),
    event(4, { cameraId: FRONT, kind: 'activity', endMs: epochMs(T0 + 60_000) }),
    event(5, { cameraId: YARD, text: '현관 앞 택배' }),
  );
  const cases: readonly (readonly [string, Partial<EventQuery>, readonly number[]])[] = [
    ['everything is newest first', {}, [5, 4, 3, 2, 1]],
    ['of a camera', { cameras: [FRONT], general: false }, [4, 1]],
    ['of a camera and of none', { cameras: [FRONT], general: true }, [4, 3, 1]],
    ['of no camera at all', { cameras: [], general: false }, []],
    ['of kinds', { kinds: ['login', 'gap-begun'] }, [3, 2]],
    ['from a moment on, which an interval before reaches', { fromMs: epochMs(T0 + 5000) }, [5, 4]],
    ['an end does not reach itself', { fromMs: epochMs(T0 + 60_000) }, []],
    ['up to a moment, without it', { toMs: epochMs(T0 + 2000) }, [1]],
    ['a text in another case', { text: 'ADMIN LOG' }, [3]],
    ['a text with quotes', { text: '"liegt"' }, [1]],
    ['a text like an operator', { text: 'admin OR event' }, []],
    ['a short text', { text: '택배' }, [5]],
    ['a part of a word without spaces', { text: '앞 택' }, [5]],
    ['two at most', { limit: 2 }, [5, 4]],
    ['after a place', { after: { atMs: epochMs(T0 + 3000), id: 3 as EventId } }, [2, 1]],
  ];
  test.each(cases)('%s', (_, query, expected) => {
    expect(ids(store.find({ ...ALL, ...query }))).toEqual(expected);
  });
});

test('pages of events at the same moment miss none and repeat none', () => {
  const all = Array.from({ length: 25 }, (_, i) => event(i + 1, { atMs: epochMs(T0) }));
  const store = storeWith(...all);
  const seen: number[] = [];
  for (let after: EventQuery['after'] = null; ; ) {
    const page = store.find({ ...ALL, limit: 4, after });
    seen.push(...ids(page));
    const last = page.at(-1);
    if (last === undefined) break;
    after = last;
  }
  expect(seen).toEqual(ids(all).reverse());
});

test('what was stored comes back as it was', () => {
  const whole = event(7, {
    cameraId: FRONT,
    endMs: epochMs(T0 + 60_000),
    data: { cause: 'stalled', attempt: 3, again: true, reason: null },
  });
  const store = storeWith(whole, event(8));
  expect(store.get(whole.id)).toEqual(whole);
  expect(store.get(8 as EventId)).toEqual(event(8));
  expect(() => store.get(9 as EventId)).toThrow('no event 9');
});

test('a change is found by its new text and no longer by the old', () => {
  const store = storeWith(event(1, { text: 'a parcel' }));
  store.update(event(1, { text: 'a letter' }));
  expect(store.find({ ...ALL, text: 'parcel' })).toEqual([]);
  expect(ids(store.find({ ...ALL, text: 'letter' }))).toEqual([1]);
  expect(store.remove(1 as EventId)).toBe(true);
  expect(store.remove(1 as EventId)).toBe(false);
  expect(store.find({ ...ALL, text: 'letter' })).toEqual([]);
});

test('a listener goes on after the last number it heard, and numbers are never used again', () => {
  const store = storeWith(event(1), event(2), event(3));
  expect(ids(store.since(1, 1))).toEqual([2]);
  store.remove(3 as EventId);
  expect(store.lastId()).toBe(3);
});

describe('what is forgotten', () => {
  const NEVER = { mostAgeMs: 1e12, most: 1e6 };
  const other = (id: number) => event(id, { kind: 'system' });

  test('the old', () => {
    const store = storeWith(other(1), other(2), other(3));
    const now = epochMs(T0 + 3000);
    expect(store.prune(now, { ...NEVER, mostAgeMs: 1000 })).toBe(1);
    expect(store.prune(now, { ...NEVER, mostAgeMs: 1000 })).toBe(0);
    expect(ids(store.find(ALL))).toEqual([3, 2]);
  });

  test('the oldest of too many, a few at once', () => {
    const store = storeWith(...Array.from({ length: 1200 }, (_, i) => other(i + 1)));
    const went = [1, 2, 3, 4].map(() => store.prune(epochMs(T0), { ...NEVER, most: 100 }));
    expect(went).toEqual([500, 500, 100, 0]);
    expect(store.find({ ...ALL, limit: 1000 }).at(-1)?.id).toBe(1101);
  });

  test('but never what a person marked', () => {
    const store = storeWith(event(1), other(2));
    expect(store.prune(epochMs(T0 + 1e9), { mostAgeMs: 0, most: 0 })).toBe(1);
    expect(ids(store.find(ALL))).toEqual([1]);
  });
});
