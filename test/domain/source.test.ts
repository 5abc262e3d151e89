import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QUICK_FOR_MS, QUICK_RETRY_MS } from '../../src/domain/backoff.ts';
import {
  initialSource,
  LOST_AFTER_MS,
  MOST_REOPENS,
  reduceSource,
  SOURCE_CAUSES,
  type SourceCause,
  type SourceEffect,
  type SourceEvent,
  type SourceState,
  type SourceTimer,
  STALLED_AFTER_MS,
} from '../../src/domain/source.ts';
import { epochMs } from '../../src/domain/time.ts';

const T0 = epochMs(1_700_000_000_000);
const T1 = epochMs(1_700_000_001_000);
const GENERATION = 7;

type StateName = SourceState['name'];
type PlainType = Exclude<SourceEvent['type'], 'timer' | 'silence' | 'failed'>;
type EventName =
  | PlainType
  | `timer ${SourceTimer}`
  | 'short silence'
  | 'stalling silence'
  | 'losing silence'
  | 'failed'
  | 'format changed';

const begun = { generation: GENERATION, sinceMs: T0 };
const tried = { attempt: 2, failures: { quick: 1, steady: 0, careful: 1 }, reopens: 0 };
const untried = { attempt: 0, failures: { quick: 0, steady: 0, careful: 0 }, reopens: 0 };
const refused = { cause: 'unauthorised', message: '401' } as const;
const of = { at: T1, generation: GENERATION };
const drawn = { ...of, random: 0 };

const STATES: Record<StateName, SourceState> = {
  off: { name: 'off', ...begun },
  connecting: { name: 'connecting', ...begun, ...tried, reached: false, trouble: null },
  live: { name: 'live', ...begun, ...tried },
  stalled: { name: 'stalled', ...begun, ...tried },
  backoff: { name: 'backoff', ...begun, ...tried, ...refused, retryMs: 5_000 },
};

const EVENTS: Record<EventName, SourceEvent> = {
  start: { type: 'start', at: T1 },
  stop: { type: 'stop', at: T1 },
  restart: { type: 'restart', at: T1 },
  preparing: { type: 'preparing', ...of },
  prepared: { type: 'prepared', ...of },
  reached: { type: 'reached', ...of },
  fragment: { type: 'fragment', ...of },
  'short silence': { type: 'silence', ...drawn, silentMs: STALLED_AFTER_MS - 1 },
  'stalling silence': { type: 'silence', ...drawn, silentMs: STALLED_AFTER_MS },
  'losing silence': { type: 'silence', ...drawn, silentMs: LOST_AFTER_MS },
  failed: { type: 'failed', ...drawn, ...refused },
  'format changed': { type: 'failed', ...drawn, cause: 'format-changed', message: 'now 4K' },
  ended: { type: 'ended', ...drawn },
  'timer connect': { type: 'timer', ...drawn, timer: 'connect' },
  'timer retry': { type: 'timer', ...drawn, timer: 'retry' },
  'timer settle': { type: 'timer', ...drawn, timer: 'settle' },
};

/** What comes of each event: the state and its attempt, then the effects; `-` is the same object and none. */
const TABLE: Record<StateName, Record<EventName, string>> = {
  off: {
    start: 'connecting 0: open 8 start, set connect 8 12000',
    stop: '-',
    restart: '-',
    preparing: '-',
    prepared: '-',
    reached: '-',
    fragment: '-',
    'short silence': '-',
    'stalling silence': '-',
    'losing silence': '-',
    failed: '-',
    'format changed': '-',
    ended: '-',
    'timer connect': '-',
    'timer retry': '-',
    'timer settle': '-',
  },
  connecting: {
    start: '-',
    stop: 'off: clear connect, close 7',
    restart: 'connecting 0: clear connect, close 7, open 8 restart, set connect 8 12000',
    preparing: 'connecting 2: set connect 7 180000',
    prepared: 'connecting 2: set connect 7 12000',
    reached: 'connecting 2:',
    fragment: 'live 2: clear connect, set settle 7 30000',
    'short silence': '-',
    'stalling silence': '-',
    'losing silence': '-',
    failed: 'backoff 3 unauthorised: clear connect, close 7, set retry 7 10000',
    'format changed': 'connecting 2: clear connect, close 7, open 8 retry, set connect 8 12000',
    ended: 'backoff 3 ended: clear connect, close 7, set retry 7 400',
    'timer connect': 'backoff 3 timed-out: clear connect, close 7, set retry 7 400',
    'timer retry': '-',
    'timer settle': '-',
  },
  live: {
    start: '-',
    stop: 'off: clear settle, close 7',
    restart: 'connecting 0: clear settle, close 7, open 8 restart, set connect 8 12000',
    preparing: '-',
    prepared: '-',
    reached: '-',
    fragment: '-',
    'short silence': '-',
    'stalling silence': 'stalled 2: clear settle',
    'losing silence': 'stalled 2: clear settle',
    failed: 'backoff 3 unauthorised: clear settle, close 7, set retry 7 10000',
    'format changed': 'connecting 2: clear settle, close 7, open 8 retry, set connect 8 12000',
    ended: 'backoff 3 ended: clear settle, close 7, set retry 7 400',
    'timer connect': '-',
    'timer retry': '-',
    'timer settle': 'live 0:',
  },
  stalled: {
    start: '-',
    stop: 'off: close 7',
    restart: 'connecting 0: close 7, open 8 restart, set connect 8 12000',
    preparing: '-',
    prepared: '-',
    reached: '-',
    fragment: 'live 2: set settle 7 30000',
    'short silence': '-',
    'stalling silence': '-',
    'losing silence': 'backoff 3 stalled: close 7, set retry 7 400',
    failed: 'backoff 3 unauthorised: close 7, set retry 7 10000',
    'format changed': 'connecting 2: close 7, open 8 retry, set connect 8 12000',
    ended: 'backoff 3 ended: close 7, set retry 7 400',
    'timer connect': '-',
    'timer retry': '-',
    'timer settle': '-',
  },
  backoff: {
    start: '-',
    stop: 'off: clear retry',
    restart: 'connecting 0: clear retry, open 8 restart, set connect 8 12000',
    preparing: '-',
    prepared: '-',
    reached: '-',
    fragment: '-',
    'short silence': '-',
    'stalling silence': '-',
    'losing silence': '-',
    failed: '-',
    'format changed': '-',
    ended: '-',
    'timer connect': '-',
    'timer retry': 'connecting 2: clear retry, open 8 retry, set connect 8 12000',
    'timer settle': '-',
  },
};

function namesOf<K extends string>(record: Record<K, unknown>): K[] {
  return Object.keys(record) as K[];
}

function told(effect: SourceEffect): string {
  switch (effect.type) {
    case 'open':
      return `open ${effect.generation} ${effect.reason}`;
    case 'close':
      return `close ${effect.generation}`;
    case 'set-timer':
      return `set ${effect.timer} ${effect.generation} ${effect.afterMs}`;
    case 'clear-timer':
      return `clear ${effect.timer}`;
  }
}

function outcome(state: SourceState, event: SourceEvent): string {
  const [next, effects] = reduceSource(state, event);
  if (next === state && effects.length === 0) return '-';
  const attempt = next.name === 'off' ? '' : ` ${next.attempt}`;
  const cause = next.name === 'backoff' ? ` ${next.cause}` : '';
  return `${next.name}${attempt}${cause}: ${effects.map(told).join(', ')}`.trimEnd();
}

function play(state: SourceState, ...events: readonly SourceEvent[]): SourceState {
  return events.reduce((each, event) => reduceSource(each, event)[0], state);
}

const PAIRS = namesOf(STATES).flatMap((state) => namesOf(EVENTS).map((event) => ({ state, event })));

describe('reduceSource, every state with every event', () => {
  it.each(PAIRS)('$state, $event', ({ state, event }) => {
    expect(outcome(STATES[state], EVENTS[event])).toBe(TABLE[state][event]);
  });

  it.each(PAIRS)('$state drops $event of another generation', ({ state, event }) => {
    const sample = EVENTS[event];
    if (!('generation' in sample)) {
      expect(['start', 'stop', 'restart']).toContain(sample.type);
      return;
    }
    for (const generation of [0, GENERATION - 1, GENERATION + 1]) {
      expect(outcome(STATES[state], { ...sample, generation })).toBe('-');
    }
  });
});

describe('reduceSource', () => {
  it('tells no media from no answer', () => {
    const reached = play(STATES.connecting, EVENTS.reached);
    expect(play(reached, EVENTS['timer connect'])).toMatchObject({
      name: 'backoff',
      cause: 'no-media',
      message: SOURCE_CAUSES['no-media'],
    });
    expect(outcome(reached, EVENTS.reached)).toBe('-');
  });

  it('remembers while connecting why the attempt before failed, with what the camera said', () => {
    const retried = play(STATES.live, EVENTS.failed, EVENTS['timer retry']);
    expect(retried).toMatchObject({ name: 'connecting', trouble: refused });
  });

  it('forgets failures once settled: the next retry is the quick first one', () => {
    const settled = play(STATES.live, EVENTS['timer settle']);
    expect(settled).toEqual({ ...STATES.live, ...untried });
    expect(outcome(settled, EVENTS.ended)).toContain('set retry 7 200');
    const caughtUp = play(settled, EVENTS['stalling silence'], EVENTS.fragment);
    expect(caughtUp).toEqual({ ...settled, sinceMs: T1 });
  });

  it('follows a few changes of format at once, then backs off until settled', () => {
    let state = STATES.live;
    const names: string[] = [];
    for (let change = 0; change < MOST_REOPENS + 1; change += 1) {
      const { generation } = state;
      state = play(state, { type: 'failed', ...drawn, generation, cause: 'format-changed', message: '4K' });
      names.push(state.name);
      state = play(state, { type: 'fragment', at: T1, generation: state.generation });
    }
    expect(names).toEqual(['connecting', 'connecting', 'connecting', 'backoff']);
    expect(state).toMatchObject({ name: 'backoff', cause: 'format-changed', attempt: 3 });
  });

  it('counts causes of different pace apart', () => {
    const camera = new Camera();
    const fail = (cause: SourceCause): number => camera.fail(cause, 0);
    camera.send({ type: 'start', at: T0 });
    for (let count = 0; count < 50; count += 1) fail('unreachable');
    expect(fail('unauthorised')).toBe(5_000);
    expect(fail('unreachable')).toBe(560);
    expect(fail('unauthorised')).toBe(10_000);
    expect(camera.state).toMatchObject({ attempt: 53 });
  });
});

/** What a shell does with the effects: keeps pipelines and timers, and refuses what makes no sense. */
class Camera {
  state: SourceState = initialSource(T0);
  readonly open: number[] = [];
  readonly opened: number[] = [];
  readonly timers = new Map<SourceTimer, { readonly generation: number; readonly afterMs: number }>();

  send(event: SourceEvent): readonly SourceEffect[] {
    const [next, effects] = reduceSource(this.state, event);
    this.state = next;
    for (const effect of effects) this.run(effect);
    return effects;
  }

  private run(effect: SourceEffect): void {
    switch (effect.type) {
      case 'open':
        expect(this.open).toEqual([]);
        expect(effect.generation).toBeGreaterThan(this.opened.at(-1) ?? 0);
        this.open.push(effect.generation);
        this.opened.push(effect.generation);
        return;
      case 'close':
        expect(this.open.pop()).toBe(effect.generation);
        return;
      case 'set-timer':
        expect(effect.generation).toBe(this.opened.at(-1));
        this.timers.set(effect.timer, effect);
        return;
      case 'clear-timer':
        this.timers.delete(effect.timer);
        return;
    }
  }

  /** Fails the open pipeline and retries when told; gives the delay in milliseconds. */
  fail(cause: SourceCause, random: number): number {
    const of = { at: T0, generation: this.state.generation, random };
    this.send({ type: 'failed', ...of, cause, message: cause });
    const delay = this.timers.get('retry')?.afterMs ?? Number.NaN;
    this.timers.delete('retry');
    this.send({ type: 'timer', timer: 'retry', ...of });
    return delay;
  }
}

const random = fc.double({ min: 0, max: 1, noNaN: true });
const wallTime = fc.integer({ min: 0, max: 4_000_000_000_000 }).map((ms) => epochMs(ms));
/** How far behind the newest generation an event is; mostly it is not. */
const lag = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 3 }));

type Said = { readonly event: SourceEvent; readonly lag: number };
const causes = fc.constantFrom(...namesOf(SOURCE_CAUSES));
const said = fc.record({
  event: fc
    .tuple(fc.constantFrom(...Object.values(EVENTS)), wallTime, random, causes)
    .map(([event, at, each, cause]) => {
      const placed: SourceEvent = 'random' in event ? { ...event, at, random: each } : { ...event, at };
      return placed.type === 'failed' ? { ...placed, cause } : placed;
    }),
  lag,
});
const sequence = fc.array(said, { maxLength: 80, size: 'max' });

/** The event as said by the generation that is so far behind; a timer only fires if it is set. */
function addressed({ event, lag }: Said, camera: Camera): SourceEvent | null {
  if (!('generation' in event)) return event;
  const generation = camera.state.generation - lag;
  if (event.type === 'timer' && lag === 0) {
    const timer = camera.timers.get(event.timer);
    camera.timers.delete(event.timer);
    return timer === undefined ? null : { ...event, generation: timer.generation };
  }
  return { ...event, generation };
}

describe('reduceSource, over random events', () => {
  it('holds at most one pipeline and just the timers of its state, and never stands still when wanted', () => {
    const timers: Record<StateName, SourceTimer[]> = {
      off: [],
      connecting: ['connect'],
      live: ['settle'],
      stalled: [],
      backoff: ['retry'],
    };
    fc.assert(
      fc.property(sequence, (all) => {
        const camera = new Camera();
        for (const each of all) {
          const event = addressed(each, camera);
          if (event !== null) camera.send(event);
          const { name, generation } = camera.state;
          const isOpen = name === 'connecting' || name === 'live' || name === 'stalled';
          expect(camera.open).toEqual(isOpen ? [generation] : []);
          const settled = name === 'live' && camera.timers.size === 0;
          expect([...camera.timers.keys()]).toEqual(settled ? [] : timers[name]);
        }
      }),
    );
  });

  it('drops older generations without a trace', () => {
    fc.assert(
      fc.property(sequence, (all) => {
        const camera = new Camera();
        for (const each of all) {
          const event = addressed(each, camera);
          if (event === null) continue;
          const before = camera.state;
          const effects = camera.send(event);
          if (!('generation' in event) || event.generation === before.generation) continue;
          expect(camera.state).toBe(before);
          expect(effects).toEqual([]);
        }
      }),
    );
  });

  it('does the same whatever the wall clock says', () => {
    fc.assert(
      fc.property(sequence, (all) => {
        const [stepping, standing] = [new Camera(), new Camera()];
        for (const each of all) {
          const event = addressed(each, stepping);
          addressed(each, standing);
          if (event === null) continue;
          expect(stepping.send(event)).toEqual(standing.send({ ...event, at: T0 }));
        }
        expect({ ...stepping.state, sinceMs: T0 }).toEqual(standing.state);
      }),
    );
  });

  it('stops from anywhere, holding nothing', () => {
    fc.assert(
      fc.property(sequence, (all) => {
        const camera = new Camera();
        for (const each of all) {
          const event = addressed(each, camera);
          if (event !== null) camera.send(event);
        }
        camera.send({ type: 'stop', at: T1 });
        expect(camera.state.name).toBe('off');
        expect([...camera.open, ...camera.timers.keys()]).toEqual([]);
      }),
    );
  });

  it('tries a camera within the quick delay of its return, after any outage of up to a minute', () => {
    const draws = fc.infiniteStream(random);
    const outage = fc.integer({ min: 1, max: QUICK_FOR_MS });
    const away = fc.constantFrom<SourceCause>('unreachable', 'ended', 'stalled', 'timed-out');
    fc.assert(
      fc.property(outage, away, draws, (outageMs, cause, random) => {
        const camera = new Camera();
        camera.send({ type: 'start', at: T0 });
        let elapsedMs = 0;
        while (elapsedMs < outageMs) elapsedMs += camera.fail(cause, random.next().value);
        expect(elapsedMs - outageMs).toBeLessThanOrEqual(QUICK_RETRY_MS);
      }),
    );
  });

  it('never asks again in less than 5 s after the camera refused the password', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(causes, random), { maxLength: 100, size: 'max' }), (failures) => {
        const camera = new Camera();
        camera.send({ type: 'start', at: T0 });
        for (const [cause, each] of failures) {
          const delay = camera.fail(cause, each);
          if (cause === 'unauthorised') expect(delay).toBeGreaterThanOrEqual(5_000);
        }
      }),
    );
  });
});
