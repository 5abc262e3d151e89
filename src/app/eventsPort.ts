/** Events as the API speaks of them, over the bus and the index. */
import type { EventStore } from '../archive/eventStore.ts';
import { NvrError } from '../domain/errors.ts';
import { checkSpan, type EventId, type NvrEvent } from '../domain/event.ts';
import { type CameraId, cameraId } from '../domain/ids.ts';
import { type Clock, type EpochMs, epochMs } from '../domain/time.ts';
import type { EventsPort } from '../http/eventPort.ts';
import type { EventBus } from './eventBus.ts';

/** So many marks may there be: they are never forgotten by age. */
const MOST_MARKS = 100_000;
/** A mark may be of what is just about to happen, by a clock that is a little off. */
const AHEAD_MS = 60_000;

export interface EventDoors {
  readonly bus: EventBus;
  readonly store: Pick<EventStore, 'find' | 'get' | 'since' | 'marks'>;
  /** Whether there is such a camera, or footage of one. */
  knows(id: CameraId): boolean;
  readonly clock: Clock;
}

export function eventsPort({ bus, store, knows, clock }: EventDoors): EventsPort {
  const markOf = (id: EventId): NvrEvent => {
    const event = store.get(id);
    if (event.kind === 'mark') return event;
    throw new NvrError('conflict', 'Only what a person marked can be changed or removed.');
  };
  return {
    find(query) {
      bus.flush();
      const found = store.find({ ...query, limit: query.limit + 1 });
      return { items: found.slice(0, query.limit), more: found.length > query.limit };
    },
    get: (id) => store.get(id),
    mark({ text, cameras = [], atMs, endMs }, user) {
      const ids = cameras.map((id) => cameraId(id, 'cameras'));
      const unknown = ids.find((id) => !knows(id));
      if (unknown !== undefined)
        throw new NvrError('not-found', `There is no camera ${unknown}.`, { field: 'cameras' });
      if (store.marks() + Math.max(1, ids.length) > MOST_MARKS)
        throw new NvrError('exhausted', 'There are too many marks: remove some first.');
      const span = spanOf(epochMs(atMs ?? clock.now(), 'atMs'), endMs ?? null, clock.now());
      const draft = { kind: 'mark', text: text.trim(), data: { by: user }, ...span } as const;
      if (ids.length === 0) return [bus.record(draft)];
      return ids.map((id) => bus.record({ ...draft, cameraId: id }));
    },
    change(id, { text, atMs, endMs }) {
      const { endMs: oldEnd = null, ...mark } = markOf(id);
      const end = endMs === undefined ? oldEnd : endMs;
      const span = spanOf(epochMs(atMs ?? mark.atMs, 'atMs'), end, clock.now());
      return bus.replace({ ...mark, text: text?.trim() ?? mark.text, ...span });
    },
    remove(id) {
      markOf(id);
      bus.remove(id);
    },
    since: (id, limit) => store.since(id, limit),
    get lastId() {
      return bus.lastId;
    },
    subscribe: (listener) => bus.subscribe(listener),
    publish(draft) {
      bus.publish(draft);
    },
  };
}

/** @throws NvrError `invalid` naming the field */
function spanOf(atMs: EpochMs, end: number | null, now: EpochMs): Pick<NvrEvent, 'atMs' | 'endMs'> {
  const endMs = end === null ? null : epochMs(end, 'endMs');
  if (endMs !== null) checkSpan({ startMs: atMs, endMs });
  if (atMs > now + AHEAD_MS)
    throw new NvrError('invalid', 'A mark in the future is none.', { field: 'atMs' });
  return endMs === null ? { atMs } : { atMs, endMs };
}
