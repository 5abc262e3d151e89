/**
 * Where everything that happens is told, and heard. Telling takes no time and never fails: events are handed on and
 * written down a moment later, many at once, and a database that refuses costs nothing but events.
 */
import type { EventStore } from '../archive/eventStore.ts';
import { messageOf } from '../domain/errors.ts';
import type { EventChange, EventDraft, EventId, NvrEvent } from '../domain/event.ts';
import type { Clock } from '../domain/time.ts';

export type Listener = (event: NvrEvent, change: EventChange) => void;

export interface BusLog {
  error(fields: object, message: string): void;
}

/** Events that wait for a database that refuses; beyond it the oldest are given up. */
const MOST_WAITING = 5_000;
/** Written at once: a millisecond or two. */
const BATCH = 100;
const RETRY_MS = 2_000;

export class EventBus {
  readonly #store: Pick<EventStore, 'lastId' | 'add' | 'get' | 'update' | 'remove'>;
  readonly #clock: Clock;
  readonly #log: BusLog;
  readonly #listeners = new Set<Listener>();
  #lastId: number;
  #unheard: NvrEvent[] = [];
  #unwritten: NvrEvent[] = [];
  #soon: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;
  #lost = 0;

  constructor(
    store: Pick<EventStore, 'lastId' | 'add' | 'get' | 'update' | 'remove'>,
    clock: Clock,
    log: BusLog,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#lastId = store.lastId();
  }

  /** Number of the newest event; 0 before the first. */
  get lastId(): number {
    return this.#lastId;
  }

  /** Events that could not be written down since the start. */
  get lost(): number {
    return this.#lost;
  }

  /** Tells what happened. Never throws, never waits; listeners hear of it after the caller is done. */
  publish(draft: EventDraft): NvrEvent {
    const event = this.#numbered(draft);
    this.#unheard.push(event);
    this.#unwritten.push(event);
    this.#soon ??= setImmediate(() => this.#turn());
    return event;
  }

  /** The same, written down before it returns. @throws NvrError when the database refuses. */
  record(draft: EventDraft): NvrEvent {
    this.#write();
    const event = this.#numbered(draft);
    this.#store.add([event]);
    this.#tell(event, 'added');
    return event;
  }

  /** Puts time, text and data in place of those the event had. @throws NvrError `not-found`, or when the database refuses. */
  replace(event: NvrEvent): NvrEvent {
    this.#write();
    this.#store.update(event);
    this.#tell(event, 'changed');
    return event;
  }

  /** @throws NvrError `not-found`, or when the database refuses. */
  remove(id: EventId): void {
    this.#write();
    const event = this.#store.get(id);
    this.#store.remove(id);
    this.#tell(event, 'removed');
  }

  /** Writes down what waits, so that it is found. */
  flush(): void {
    this.#write();
  }

  /** Gives the function that ends it. A listener that throws is logged and goes on being told. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Writes down what waits, as far as the database takes it. What is told afterwards is lost. */
  close(): void {
    this.#writeNow();
    this.#turn();
    clearTimeout(this.#later);
  }

  #numbered({ data = {}, atMs = this.#clock.now(), endMs, ...draft }: EventDraft): NvrEvent {
    this.#lastId += 1;
    const moment = { id: this.#lastId as EventId, atMs, ...draft, data };
    // An interval that is empty, or that a step of the clock turned round, is a moment.
    return endMs === undefined || endMs <= atMs ? moment : { ...moment, endMs };
  }

  #turn(): void {
    clearImmediate(this.#soon);
    this.#soon = undefined;
    const heard = this.#unheard;
    this.#unheard = [];
    this.#write();
    for (const event of heard) this.#tell(event, 'added');
  }

  #tell(event: NvrEvent, change: EventChange): void {
    for (const listener of this.#listeners) {
      try {
        listener(event, change);
      } catch (thrown) {
        this.#log.error({ err: thrown, event: event.id }, 'a listener of events failed');
      }
    }
  }

  #writeNow(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    this.#write();
  }

  #write(): void {
    if (this.#later !== undefined) return;
    try {
      while (this.#unwritten.length > 0) {
        this.#store.add(this.#unwritten.slice(0, BATCH));
        this.#unwritten.splice(0, BATCH);
      }
    } catch (thrown) {
      this.#later = setTimeout(() => this.#writeNow(), RETRY_MS);
      this.#giveUpSome();
      this.#log.error(
        { reason: messageOf(thrown), waiting: this.#unwritten.length, lost: this.#lost },
        'events could not be written down',
      );
    }
  }

  #giveUpSome(): void {
    const surplus = this.#unwritten.length - MOST_WAITING;
    if (surplus <= 0) return;
    this.#unwritten.splice(0, surplus);
    this.#lost += surplus;
  }
}
