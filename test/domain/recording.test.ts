import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RunId, runId } from '../../src/domain/ids.ts';
import {
  canStart,
  GAP_CAUSES,
  type GapCause,
  initialRecording,
  type RecordingEffect,
  type RecordingEvent,
  type RecordingState,
  reduceRecording,
  wantedReason,
} from '../../src/domain/recording.ts';
import { type EpochMs, epochMs } from '../../src/domain/time.ts';

const RUN_A = { runId: runId('aaaaaaaa-0000-4000-8000-000000000000') };
const RUN_B = { runId: runId('bbbbbbbb-0000-4000-8000-000000000000') };

/** The table tells times in milliseconds after this. */
const ZERO = 1_700_000_000_000;
const ms = (offset: number): EpochMs => epochMs(ZERO + offset);
/** Every state began at 0; every event happens at 900 and says that footage ended at 800 or begins at 700. */
const at = ms(900);
const endMs = ms(800);
const startMs = ms(700);

type StateName = RecordingState['name'];
type EventName =
  | Exclude<
      RecordingEvent['type'],
      'configured' | 'schedule' | 'space' | 'key-fragment' | 'run-ended' | 'storage-failed'
    >
  | 'configured scheduled'
  | 'schedule wants'
  | 'schedule rests'
  | 'space short'
  | 'space restored'
  | 'configured continuous'
  | 'configured manual'
  | 'configured off'
  | 'configured disabled'
  | 'key-fragment same run'
  | 'key-fragment next run'
  | 'run-ended'
  | 'run-ended other run'
  | 'run replaced'
  | 'storage-failed'
  | 'storage overrun';

const known = { ...initialRecording(ms(0)).known, mode: 'manual', enabled: true } as const;
const started = { ...known, started: true, source: 'unreachable' } as const;
const STATES: Record<StateName, RecordingState> = {
  idle: { name: 'idle', sinceMs: ms(0), known },
  waiting: { name: 'waiting', reason: 'manual', cause: 'unreachable', sinceMs: ms(0), known: started },
  recording: { name: 'recording', reason: 'manual', ...RUN_A, sinceMs: ms(0), known: started },
};

const EVENTS: Record<EventName, RecordingEvent> = {
  'configured continuous': { type: 'configured', mode: 'continuous', enabled: true, endMs, at },
  'configured manual': { type: 'configured', mode: 'manual', enabled: true, endMs, at },
  'configured scheduled': { type: 'configured', mode: 'scheduled', enabled: true, endMs, at },
  'configured off': { type: 'configured', mode: 'off', enabled: true, endMs, at },
  'configured disabled': { type: 'configured', mode: 'continuous', enabled: false, endMs, at },
  deleted: { type: 'deleted', endMs, at },
  start: { type: 'start', at },
  stop: { type: 'stop', endMs, at },
  'schedule wants': { type: 'schedule', wanted: true, endMs, at },
  'schedule rests': { type: 'schedule', wanted: false, endMs, at },
  'space short': { type: 'space', short: true, endMs, at },
  'space restored': { type: 'space', short: false, endMs, at },
  'key-fragment same run': { type: 'key-fragment', ...RUN_A, startMs, at },
  'key-fragment next run': { type: 'key-fragment', ...RUN_B, startMs, at },
  'run-ended': { type: 'run-ended', ...RUN_A, endMs, cause: 'stalled', at },
  'run-ended other run': { type: 'run-ended', ...RUN_B, endMs, cause: 'stalled', at },
  'run replaced': { type: 'run-ended', ...RUN_A, endMs, cause: 'connecting', at },
  'storage-failed': { type: 'storage-failed', endMs, cause: 'storage', at },
  'storage overrun': { type: 'storage-failed', endMs, cause: 'overrun', at },
  'storage-restored': { type: 'storage-restored', at },
  'clock-set': { type: 'clock-set', fromMs: ms(800), toMs: ms(3_600_800), at },
  'source-cause': { type: 'source-cause', cause: 'timed-out', at },
  shutdown: { type: 'shutdown', endMs, at },
};

/** What comes of each event: the state, then the effects; `-` is the same object and none. */
const TABLE: Record<StateName, Record<EventName, string>> = {
  idle: {
    'configured continuous': 'waiting continuous starting: open-gap 900 starting',
    'configured manual': '-',
    'configured scheduled': 'idle:',
    'configured off': 'idle:',
    'configured disabled': 'idle:',
    deleted: 'idle:',
    start: 'waiting manual starting: open-gap 900 starting',
    stop: '-',
    'schedule wants': 'idle:',
    'schedule rests': '-',
    'space short': 'idle:',
    'space restored': '-',
    'key-fragment same run': '-',
    'key-fragment next run': '-',
    'run-ended': 'idle:',
    'run-ended other run': 'idle:',
    'run replaced': 'idle:',
    'storage-failed': 'idle:',
    'storage overrun': 'idle:',
    'storage-restored': '-',
    'clock-set': '-',
    'source-cause': 'idle:',
    shutdown: 'idle:',
  },
  waiting: {
    'configured continuous': 'waiting continuous unreachable:',
    'configured manual': '-',
    'configured scheduled': 'idle: close-gap 900',
    'configured off': 'idle: close-gap 900',
    'configured disabled': 'idle: close-gap 900',
    deleted: 'idle: close-gap 900',
    start: '-',
    stop: 'idle: close-gap 900',
    'schedule wants': 'waiting manual unreachable:',
    'schedule rests': '-',
    'space short': 'waiting manual space: update-gap space',
    'space restored': '-',
    'key-fragment same run': 'recording manual a: close-gap 700, begin a manual 700',
    'key-fragment next run': 'recording manual b: close-gap 700, begin b manual 700',
    'run-ended': 'waiting manual stalled: update-gap stalled',
    'run-ended other run': 'waiting manual stalled: update-gap stalled',
    'run replaced': 'waiting manual connecting: update-gap connecting',
    'storage-failed': 'waiting manual storage: update-gap storage',
    'storage overrun': 'waiting manual overrun: update-gap overrun',
    'storage-restored': '-',
    'clock-set': 'waiting manual unreachable: close-gap 800, open-gap 3600800 unreachable',
    'source-cause': 'waiting manual timed-out: update-gap timed-out',
    shutdown: 'waiting manual shutdown: close-gap 900, open-gap 900 shutdown',
  },
  recording: {
    'configured continuous': 'recording manual a:',
    'configured manual': '-',
    'configured scheduled': 'idle: end 800 mode-changed',
    'configured off': 'idle: end 800 mode-changed',
    'configured disabled': 'idle: end 800 disabled',
    deleted: 'idle: end 800 deleted',
    start: '-',
    stop: 'idle: end 800 stopped',
    'schedule wants': 'recording manual a:',
    'schedule rests': '-',
    'space short': 'waiting manual space: end 800 storage-failed, open-gap 800 space',
    'space restored': '-',
    'key-fragment same run': 'recording manual a:',
    'key-fragment next run': 'recording manual b: end 700 new-run, begin b manual 700',
    'run-ended': 'waiting manual stalled: end 800 source-lost, open-gap 800 stalled',
    'run-ended other run': '-',
    'run replaced': 'waiting manual connecting: end 800 new-run, open-gap 800 connecting',
    'storage-failed': 'waiting manual storage: end 800 storage-failed, open-gap 800 storage',
    'storage overrun': 'waiting manual overrun: end 800 storage-failed, open-gap 800 overrun',
    'storage-restored': '-',
    'clock-set': 'recording manual a: end 800 new-run, begin a manual 3600800',
    'source-cause': 'recording manual a:',
    shutdown: 'waiting manual shutdown: end 800 shutdown, open-gap 800 shutdown',
  },
};

function namesOf<K extends string>(record: Record<K, unknown>): K[] {
  return Object.keys(record) as K[];
}

function told(effect: RecordingEffect): string {
  switch (effect.type) {
    case 'begin': {
      const keep = effect.keepFromMs === effect.fromMs ? '' : ` keep ${effect.keepFromMs - ZERO}`;
      return `begin ${effect.runId[0]} ${effect.reason} ${effect.fromMs - ZERO}${keep}`;
    }
    case 'end':
      return `end ${effect.endMs - ZERO} ${effect.reason}`;
    case 'open-gap':
      return `open-gap ${effect.fromMs - ZERO} ${effect.cause}`;
    case 'update-gap':
      return `update-gap ${effect.cause}`;
    case 'close-gap':
      return `close-gap ${effect.atMs - ZERO}`;
  }
}

function named(state: RecordingState): string {
  switch (state.name) {
    case 'idle':
      return 'idle';
    case 'waiting':
      return `waiting ${state.reason} ${state.cause}`;
    case 'recording':
      return `recording ${state.reason} ${state.runId[0]}`;
  }
}

function outcome(state: RecordingState, event: RecordingEvent): string {
  const [next, effects] = reduceRecording(state, event);
  if (next === state && effects.length === 0) return '-';
  return `${named(next)}: ${effects.map(told).join(', ')}`.trimEnd();
}

/** What all the events do, one after the other. */
function story(state: RecordingState, ...events: readonly RecordingEvent[]): string[] {
  let current = state;
  return events.flatMap((event) => {
    const [next, effects] = reduceRecording(current, event);
    current = next;
    return effects.map(told);
  });
}

const PAIRS = namesOf(STATES).flatMap((state) => namesOf(EVENTS).map((event) => ({ state, event })));

describe('reduceRecording', () => {
  it.each(PAIRS)('$state, $event', ({ state, event }) => {
    expect(outcome(STATES[state], EVENTS[event])).toBe(TABLE[state][event]);
  });

  it.each(PAIRS)('$state, deleted or shut down, ignores $event', ({ state, event }) => {
    for (const last of [EVENTS.deleted, EVENTS.shutdown]) {
      const [over] = reduceRecording(STATES[state], last);
      expect(outcome(over, EVENTS[event])).toBe('-');
    }
  });

  it('begins and ends by the schedule, in its mode only', () => {
    const { 'configured scheduled': scheduled, 'key-fragment same run': fragment } = EVENTS;
    const { 'schedule wants': wants, 'schedule rests': rests } = EVENTS;
    expect(story(STATES.idle, scheduled, wants, fragment, EVENTS.stop, rests)).toEqual([
      'open-gap 900 starting',
      'close-gap 900',
      'begin a schedule 700',
      'end 800 schedule',
    ]);
    expect(story(STATES.idle, wants, fragment, rests)).toEqual([]);
    expect(story(STATES.idle, wants, scheduled)).toEqual(['open-gap 900 starting']);
  });

  it('does not keep a fragment while there is no space, whatever else is put right', () => {
    const fragment = EVENTS['key-fragment same run'];
    expect(
      story(
        STATES.recording,
        EVENTS['space short'],
        EVENTS['storage-failed'],
        EVENTS['storage-restored'],
        fragment,
        EVENTS['space restored'],
        fragment,
      ),
    ).toEqual(['end 800 storage-failed', 'open-gap 800 space', 'close-gap 800', 'begin a manual 800']);
  });

  it('does not keep a fragment while the storage has failed, and says so first', () => {
    const fragment = EVENTS['key-fragment same run'];
    expect(
      story(
        STATES.recording,
        EVENTS['storage-failed'],
        EVENTS['source-cause'],
        fragment,
        EVENTS['storage-restored'],
        fragment,
      ),
    ).toEqual(['end 800 storage-failed', 'open-gap 800 storage', 'close-gap 800', 'begin a manual 800']);
  });

  it('does not record a second time what the ring still holds', () => {
    expect(story(STATES.recording, EVENTS.stop, EVENTS.start, EVENTS['key-fragment same run'])).toEqual([
      'end 800 stopped',
      'open-gap 900 unreachable',
      'close-gap 900',
      'begin a manual 800',
    ]);
  });

  it('keeps the ring of another run whole, without claiming what was told to be missing', () => {
    const stopped = story(STATES.waiting, EVENTS.stop, EVENTS.start, EVENTS['key-fragment next run']);
    expect(stopped.slice(1)).toEqual([
      'open-gap 900 unreachable',
      'close-gap 900',
      'begin b manual 900 keep 700',
    ]);
  });

  it('takes pre-roll from before the wish', () => {
    expect(story(STATES.idle, EVENTS.start, EVENTS['key-fragment same run'])).toEqual([
      'open-gap 900 starting',
      'close-gap 900',
      'begin a manual 700',
    ]);
  });

  it('loses nothing when the wall clock was set back', () => {
    const back = { at: ms(-3_600_000) };
    expect(
      story(
        STATES.recording,
        { ...EVENTS['run-ended'], ...back },
        { type: 'key-fragment', ...RUN_B, ...back, startMs: back.at },
        { type: 'stop', ...back, endMs: ms(-3_500_000) },
      ),
    ).toEqual([
      'end 800 source-lost',
      'open-gap 800 stalled',
      'close-gap 800',
      'begin b manual -3600000',
      'end -3500000 stopped',
    ]);
  });

  it('makes up no gap when the wall clock was set back within a run', () => {
    expect(
      story(
        STATES.recording,
        { type: 'stop', at: ms(-3_600_000), endMs: ms(800) },
        { type: 'start', at: ms(-3_599_000) },
        { type: 'key-fragment', ...RUN_A, startMs: ms(700), at: ms(-3_598_900) },
      ),
    ).toEqual([
      'end 800 stopped',
      'open-gap -3599000 unreachable',
      'close-gap -3598900',
      'begin a manual 800',
    ]);
  });

  it('tells an outage in two parts when the wall clock was set back in the middle of it', () => {
    expect(
      story(
        STATES.waiting,
        { type: 'clock-set', fromMs: ms(5_000), toMs: ms(-3_595_000), at: ms(-3_595_000) },
        { type: 'key-fragment', ...RUN_B, startMs: ms(-3_590_000), at: ms(-3_590_000) },
      ),
    ).toEqual([
      'close-gap 5000',
      'open-gap -3595000 unreachable',
      'close-gap -3590000',
      'begin b manual -3590000',
    ]);
  });

  it('forgets the command with the mode: nothing resumes on its own', () => {
    const { 'configured continuous': continuous, 'configured manual': manual } = EVENTS;
    expect(story(STATES.recording, continuous, manual)).toEqual(['end 800 mode-changed']);
    expect(story(STATES.recording, EVENTS['configured disabled'], manual)).toEqual(['end 800 disabled']);
  });

  it('takes no command in continuous mode', () => {
    const [continuous] = reduceRecording(STATES.idle, EVENTS['configured continuous']);
    expect(outcome(continuous, EVENTS.start)).toBe('-');
    expect(outcome(continuous, EVENTS.stop)).toBe('-');
  });

  it('takes no command in mode off or while disabled', () => {
    for (const event of [EVENTS['configured off'], EVENTS['configured disabled']]) {
      const [state] = reduceRecording(STATES.idle, event);
      expect(outcome(state, EVENTS.start)).toBe('-');
    }
  });
});

describe('canStart', () => {
  it.each([
    ['manual', true, true],
    ['continuous', true, true],
    ['off', true, false],
    ['manual', false, false],
    ['continuous', false, false],
    ['off', false, false],
    ['scheduled', true, false],
  ] as const)('in mode %s, enabled %s: %s', (mode, enabled, allowed) => {
    const verdict = canStart({ mode, enabled });
    expect(verdict.allowed).toBe(allowed);
    if (!verdict.allowed) expect(verdict.reason).toMatch(/^[A-Z].*\.$/);
  });
});

interface Booked {
  readonly what: 'recording' | 'gap';
  readonly fromMs: number;
  readonly endMs: number;
}

/** The books a shell keeps from the effects; refuses what makes no sense. */
class Ledger {
  state: RecordingState = initialRecording(ms(0));
  readonly booked: Booked[] = [];
  private recording: number | null = null;
  private gap: number | null = null;

  send(event: RecordingEvent): readonly RecordingEffect[] {
    const [next, effects] = reduceRecording(this.state, event);
    this.state = next;
    for (const effect of effects) this.book(effect);
    expect(this.gap !== null).toBe(next.name === 'waiting');
    expect(this.recording !== null).toBe(next.name === 'recording');
    return effects;
  }

  /** What is booked by now, with what is open reaching to the end of time. */
  all(): Booked[] {
    const open = this.recording ?? this.gap;
    if (open === null) return this.booked;
    const what = this.gap === null ? 'recording' : 'gap';
    return [...this.booked, { what, fromMs: open, endMs: Number.POSITIVE_INFINITY }];
  }

  private book(effect: RecordingEffect): void {
    switch (effect.type) {
      case 'begin':
        expect([this.recording, this.gap]).toEqual([null, null]);
        expect(effect.keepFromMs).toBeLessThanOrEqual(effect.fromMs);
        this.recording = effect.fromMs;
        return;
      case 'end':
        this.close('recording', this.recording, effect.endMs);
        this.recording = null;
        return;
      case 'open-gap':
        expect([this.recording, this.gap]).toEqual([null, null]);
        this.gap = effect.fromMs;
        return;
      case 'update-gap':
        expect(this.gap).not.toBeNull();
        return;
      case 'close-gap':
        this.close('gap', this.gap, effect.atMs);
        this.gap = null;
        return;
    }
  }

  private close(what: Booked['what'], fromMs: number | null, endMs: number): void {
    if (fromMs === null) throw new Error(`a ${what} ends that never began`);
    expect(endMs).toBeGreaterThanOrEqual(fromMs);
    this.booked.push({ what, fromMs, endMs });
  }
}

const causes = fc.constantFrom<GapCause>(...namesOf(GAP_CAUSES));
const offset = fc.integer({ min: -100_000, max: 100_000 }).map(ms);
const moments = { at: offset, endMs: offset };
const runs = fc.constantFrom(RUN_A.runId, RUN_B.runId);
/** Anything at any time: the wall clock steps, runs come back. */
const chaos = fc.array(
  fc.oneof(
    fc.record({
      type: fc.constant('configured' as const),
      mode: fc.constantFrom(...(['continuous', 'manual', 'scheduled', 'off'] as const)),
      enabled: fc.boolean(),
      ...moments,
    }),
    fc.record({ type: fc.constant('schedule' as const), wanted: fc.boolean(), ...moments }),
    fc.record({ type: fc.constant('space' as const), short: fc.boolean(), ...moments }),
    fc.record({ type: fc.constant('start' as const), at: offset }),
    fc.record({ type: fc.constant('stop' as const), ...moments }),
    fc.record({ type: fc.constant('key-fragment' as const), runId: runs, startMs: offset, at: offset }),
    fc.record({ type: fc.constant('run-ended' as const), runId: runs, cause: causes, ...moments }),
    fc.record({
      type: fc.constant('storage-failed' as const),
      cause: fc.constantFrom('storage' as const, 'overrun' as const),
      ...moments,
    }),
    fc.record({ type: fc.constant('storage-restored' as const), at: offset }),
    fc.record({ type: fc.constant('clock-set' as const), fromMs: offset, toMs: offset, at: offset }),
    fc.record({ type: fc.constant('source-cause' as const), cause: causes, at: offset }),
    fc.record({
      type: fc.constantFrom('shutdown' as const, 'deleted' as const),
      ...moments,
    }),
  ) satisfies fc.Arbitrary<RecordingEvent>,
  { maxLength: 60, size: 'max' },
);

/** Left out of long stories, which would mostly be over too soon. */
function isLast(type: RecordingEvent['type']): boolean {
  return type === 'deleted' || type === 'shutdown';
}

type Move = {
  readonly kind: string;
  readonly passMs: number;
  readonly backMs: number;
  readonly event: RecordingEvent;
};
const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.oneof({ weight: 8, arbitrary: fc.constant('event') }, fc.constant('new-run')),
  passMs: fc.integer({ min: 0, max: 3_000 }),
  backMs: fc.integer({ min: 0, max: 10_000 }),
  event: fc.constantFrom(
    ...Object.values(EVENTS).filter(({ type }) => !isLast(type) && type !== 'clock-set'),
  ),
});

/** Events of an honest world: time goes on, a run is over before the next one starts, the ring reaches back. */
function honest(moves: readonly Move[]): RecordingEvent[] {
  let [now, runStart, count] = [0, 0, 0];
  const run = (): RunId => runId(`${String(count).padStart(8, '0')}-0000-4000-8000-000000000000`);
  return moves.flatMap(({ kind, passMs, backMs, event }): RecordingEvent[] => {
    now += passMs;
    const at = ms(now);
    const behind = ms(Math.max(runStart, now - backMs));
    if (kind === 'new-run') {
      const ended = run();
      [runStart, count] = [now, count + 1];
      return [{ type: 'run-ended', runId: ended, endMs: behind, cause: 'ended', at }];
    }
    if (event.type === 'key-fragment') return [{ ...event, runId: run(), startMs: behind, at }];
    if (event.type === 'run-ended') return [];
    // Footage is kept up to about now: only a silent camera, whose run then ends, is further behind.
    return 'endMs' in event ? [{ ...event, endMs: at, at }] : [{ ...event, at }];
  });
}

describe('reduceRecording, over random events', () => {
  it('has a gap open just while waiting, a recording just while recording, and none that ends before it began', () => {
    fc.assert(
      fc.property(chaos, (events) => {
        const ledger = new Ledger();
        for (const event of events) ledger.send(event);
        expect(ledger.all().every(({ fromMs, endMs }) => fromMs <= endMs)).toBe(true);
      }),
    );
  });

  it('is idle just when nothing is wanted', () => {
    fc.assert(
      fc.property(chaos, (events) => {
        const ledger = new Ledger();
        for (const event of events) {
          ledger.send(event);
          if (wantedReason(ledger.state) === null) expect(ledger.state.name).toBe('idle');
          else if (!ledger.state.known.over) expect(ledger.state.name).not.toBe('idle');
        }
      }),
    );
  });

  it('records while the storage works, and never while it does not', () => {
    fc.assert(
      fc.property(chaos, offset, (events, moment) => {
        const ledger = new Ledger();
        for (const event of events) {
          ledger.send(event);
          const { storage, crowdedOut } = ledger.state.known;
          if (storage !== null || crowdedOut) expect(ledger.state.name).not.toBe('recording');
        }
        if (ledger.state.known.over) return;
        ledger.send({ type: 'storage-restored', at: moment });
        ledger.send({ type: 'space', short: false, endMs: moment, at: moment });
        ledger.send({ type: 'key-fragment', ...RUN_A, startMs: moment, at: moment });
        expect(ledger.state.name).toBe(wantedReason(ledger.state) === null ? 'idle' : 'recording');
      }),
    );
  });

  it('books intervals that never overlap while the clocks go forward', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 80, size: 'max' }), (moves) => {
        const ledger = new Ledger();
        for (const event of honest(moves)) ledger.send(event);
        const all = ledger.all().filter(({ fromMs, endMs }) => fromMs < endMs);
        for (const [index, { fromMs }] of all.entries()) {
          expect(fromMs).toBeGreaterThanOrEqual(all[index - 1]?.endMs ?? Number.NEGATIVE_INFINITY);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('books all the time in which recording was wanted, without a hole', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 80, size: 'max' }), (moves) => {
        const ledger = new Ledger();
        let wantedFromMs: number | null = null;
        for (const event of honest(moves)) {
          const was = wantedReason(ledger.state);
          const before = ledger.booked.length;
          ledger.send(event);
          const wanted = wantedReason(ledger.state) !== null;
          if (was === null) wantedFromMs = event.at;
          const added = ledger.booked.slice(before);
          for (const { fromMs, endMs } of added) {
            expect(fromMs).toBeLessThanOrEqual(wantedFromMs ?? Number.NEGATIVE_INFINITY);
            wantedFromMs = Math.max(wantedFromMs ?? 0, endMs);
          }
          if (was !== null && !wanted) expect(wantedFromMs).toBe(event.at);
        }
      }),
      { numRuns: 300 },
    );
  });
});
