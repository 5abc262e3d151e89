/**
 * Runs the source machine of one stream: timers, probing, opening and ending pipelines. Owns no rule: those are in
 * `domain/source.ts`. Hands on fragments with their wall time.
 */
import { messageOf } from '../domain/errors.ts';
import type { RunId } from '../domain/ids.ts';
import type { StreamFormat } from '../domain/media.ts';
import { type Anchor, MediaClock } from '../domain/mediaClock.ts';
import {
  initialSource,
  reduceSource,
  type SourceEffect,
  type SourceEvent,
  type SourceState,
  type SourceTimer,
  type Trouble,
} from '../domain/source.ts';
import { ticksToMs } from '../domain/ticks.ts';
import type { Fragment, InitSegment, RunFragment } from '../mp4/types.ts';
import { AwakeTimers } from './awakeTimers.ts';
import type { Failure, Surroundings } from './doors.ts';
import { END_LIMIT_MS, endInTime, measureClock, newRun, type OpenRun, type StreamSetup } from './openRun.ts';
import { SoundWatch } from './soundWatch.ts';

export interface SourceHooks {
  onFragment(entry: RunFragment): void;
  /** After the last fragment of a run; null when the end was asked for. */
  onRunEnded(runId: RunId, failure: Failure | null): void;
  /** The state changed in name, attempt or cause. */
  onState(state: SourceState): void;
}

const SHORTEST_LOOP_MS = 1_000;
/** These leave what is known of the stream's format in place, so that the next attempt needs no probe. */
const SAME_FORMAT: readonly string[] = ['unreachable', 'ended'];

export class SourceShell {
  readonly #around: Surroundings;
  readonly #hooks: SourceHooks;
  readonly #timers: AwakeTimers<SourceTimer>;
  readonly #sound: SoundWatch;
  #setup: StreamSetup;
  #state: SourceState;
  #format: StreamFormat | null = null;
  #run: OpenRun | null = null;
  /** Runs end one after the other: the next is opened when the one before has delivered its last fragment. */
  #closing: Promise<void> = Promise.resolve();

  constructor(setup: StreamSetup, around: Surroundings, hooks: SourceHooks) {
    this.#setup = setup;
    this.#around = around;
    this.#hooks = hooks;
    this.#timers = new AwakeTimers(around.clock);
    this.#state = initialSource(around.clock.now());
    this.#sound = new SoundWatch(around, setup, () =>
      this.#fail(this.#state.generation, { cause: 'format-changed', message: 'The sound is back.' }),
    );
  }

  /** Why the sound that the source names is not recorded; null when nothing is missing. */
  get silent(): Trouble | null {
    return this.#sound.silent;
  }

  get state(): SourceState {
    return this.#state;
  }

  /** Of the run that is open; null when none has delivered yet. */
  get current(): { readonly runId: RunId; readonly format: StreamFormat; readonly init: InitSegment } | null {
    const run = this.#run;
    return run?.init ? { runId: run.runId, format: run.format, init: run.init } : null;
  }

  /** How much faster the camera's clock runs than this machine's; null when not known. */
  get driftPpm(): number | null {
    return this.#run?.clock?.driftPpm ?? null;
  }

  /** The wall clock was set: the next key fragment takes its new time. */
  clockSet(): void {
    if (this.#run !== null) this.#run.anchoredMs = Number.NEGATIVE_INFINITY;
  }

  start(): void {
    this.#dispatch({ type: 'start', at: this.#now() });
  }

  /** Resolves when the last fragment has been handed on. */
  async stop(): Promise<void> {
    this.#dispatch({ type: 'stop', at: this.#now() });
    await this.#closing;
  }

  /** The same while it is not started. */
  configure(setup: StreamSetup): void {
    this.#setup = setup;
    this.#format = null;
    this.#sound.forget();
  }

  /** The camera's address or what is taken from it changed. */
  reconfigure(setup: StreamSetup): void {
    this.configure(setup);
    this.#dispatch({ type: 'restart', at: this.#now() });
  }

  /** To be called about once a second: notices silence. */
  tick(): void {
    const run = this.#run;
    const now = this.#timers.now();
    if (run === null || (this.#state.name !== 'live' && this.#state.name !== 'stalled')) return;
    const silentMs = now - run.lastArrivalMs;
    const { generation } = run;
    this.#dispatch({ type: 'silence', generation, silentMs, at: this.#now(), random: this.#around.random() });
  }

  #now() {
    return this.#around.clock.now();
  }

  #dispatch(event: SourceEvent): void {
    const before = this.#state;
    const [after, effects] = reduceSource(before, event);
    this.#state = after;
    for (const effect of effects) this.#perform(effect);
    if (after === before) return;
    if (after.name !== before.name) this.#logTransition(before, after);
    this.#hooks.onState(after);
  }

  #logTransition(before: SourceState, after: SourceState): void {
    const { generation } = after;
    const why =
      after.name === 'backoff' ? { cause: after.cause, reason: after.message, retryMs: after.retryMs } : {};
    const { cameraId: camera, stream } = this.#setup;
    const fields = { camera, ...(stream !== 'main' && { stream }), generation, ...why };
    this.#around.log.info(fields, `source ${before.name}->${after.name}`);
  }

  #perform(effect: SourceEffect): void {
    switch (effect.type) {
      case 'open':
        void this.#open(effect.generation);
        break;
      case 'close':
        this.#close(effect.generation);
        break;
      case 'set-timer':
        this.#setTimer(effect.timer, effect.generation, effect.afterMs);
        break;
      case 'clear-timer':
        this.#timers.clear(effect.timer);
        break;
    }
  }

  #setTimer(timer: SourceTimer, generation: number, afterMs: number): void {
    this.#timers.set(timer, afterMs, () =>
      this.#dispatch({ type: 'timer', timer, generation, at: this.#now(), random: this.#around.random() }),
    );
  }

  /** Never rejects: what goes wrong becomes an event. */
  async #open(generation: number): Promise<void> {
    try {
      await this.#closing;
      await this.#prepare(generation);
      const format = await this.#knownFormat(generation);
      if (format === null || !this.#isCurrent(generation)) return;
      await this.#openRun(generation, format);
    } catch (thrown) {
      this.#fail(generation, { cause: 'internal', message: messageOf(thrown) });
    }
  }

  /** What the recorder takes for itself is not counted as the camera's time. */
  async #prepare(generation: number): Promise<void> {
    const { source, encode } = this.#setup;
    const ready = this.#around.media.prepare?.(source, encode) ?? null;
    if (ready === null) return;
    this.#dispatch({ type: 'preparing', generation, at: this.#now() });
    await ready;
    this.#dispatch({ type: 'prepared', generation, at: this.#now() });
  }

  async #knownFormat(generation: number): Promise<StreamFormat | null> {
    if (this.#format !== null || !this.#isCurrent(generation)) return this.#format;
    const { source, encode, audio } = this.#setup;
    const found = await this.#around.media.probe(source, encode);
    if (!this.#isCurrent(generation)) return null;
    if (!found.ok) {
      this.#fail(generation, found);
      return null;
    }
    this.#dispatch({ type: 'reached', generation, at: this.#now() });
    this.#sound.found((audio && found.silent) || null);
    this.#format = audio ? found.format : { ...found.format, audio: null };
    return this.#format;
  }

  async #openRun(generation: number, format: StreamFormat): Promise<void> {
    const runId = this.#around.newRunId();
    const run = newRun(generation, runId, format, this.#timers.now());
    this.#run = run;
    this.#sound.watch(this.#setup.source);
    const handle = await this.#around.media.openRun(
      { ...this.#setup, runId, format },
      {
        onBegin: (init, anchor) => this.#begin(run, init, anchor),
        onFragment: (fragment) => this.#deliver(run, fragment),
        onEnd: (failure) => this.#ended(run, failure),
      },
    );
    run.handle = handle;
    if (!this.#isCurrent(generation)) this.#endRun(run);
  }

  #isCurrent(generation: number): boolean {
    return (
      this.#state.generation === generation && this.#state.name !== 'off' && this.#state.name !== 'backoff'
    );
  }

  #begin(run: OpenRun, init: InitSegment, anchor: Anchor): void {
    run.init = init;
    run.clock = new MediaClock(anchor);
    run.anchoredMs = anchor.monotonicMs;
  }

  #deliver(run: OpenRun, fragment: Fragment): void {
    const { init, clock } = run;
    if (init === null || clock === null || run.spoiled) return;
    const now = this.#around.clock.monotonic();
    run.lastArrivalMs = this.#timers.now();
    if (!clock.observe(ticksToMs(fragment.startTicks) + ticksToMs(fragment.durationTicks), now)) {
      run.spoiled = true;
      this.#fail(run.generation, { cause: 'format-changed', message: 'The camera’s clock jumped.' });
      return;
    }
    if (fragment.key) measureClock(run, clock, now, this.#now());
    const startMs = clock.wallOf(ticksToMs(fragment.startTicks));
    this.#hooks.onFragment({ runId: run.runId, init, fragment, startMs });
    if (this.#state.name !== 'live')
      this.#dispatch({ type: 'fragment', generation: run.generation, at: this.#now() });
  }

  #ended(run: OpenRun, failure: Failure | null): void {
    if (run.over) return;
    run.over = true;
    if (this.#run === run) this.#run = null;
    this.#hooks.onRunEnded(run.runId, failure);
    if (failure?.cause === 'ended' && this.#loops(run)) this.#dispatch({ type: 'restart', at: this.#now() });
    else if (failure !== null) this.#fail(run.generation, failure);
  }

  /** A file that came to its end begins anew at once; one that ends as soon as it begins is a failure. */
  #loops(run: OpenRun): boolean {
    const playedMs = this.#around.clock.monotonic() - run.anchoredMs;
    return this.#setup.source.kind === 'file' && run.clock !== null && playedMs > SHORTEST_LOOP_MS;
  }

  #fail(generation: number, failure: Failure): void {
    if (!SAME_FORMAT.includes(failure.cause) || failure.track !== undefined) this.#format = null;
    // Sound that is lost leaves the picture, which goes on in a run of its own at once.
    const cause = failure.track === 'audio' ? 'format-changed' : failure.cause;
    const { message } = failure;
    const drawn = { at: this.#now(), random: this.#around.random() };
    this.#dispatch({ type: 'failed', generation, cause, message, ...drawn });
  }

  #close(generation: number): void {
    this.#sound.rest();
    const run = this.#run;
    if (run !== null && run.generation === generation && run.handle !== null) this.#endRun(run);
    // What was opened but never delivered may have changed its format meanwhile. What fell silent may have lost its
    // sound only: a muxer waits for every track that it was promised.
    const isSilent = this.#state.name === 'backoff' && this.#state.cause === 'stalled';
    if (run?.init === null || isSilent) this.#format = null;
  }

  #endRun(run: OpenRun): void {
    const handle = run.handle;
    if (handle === null) return;
    this.#closing = this.#closing.then(async () => {
      if (!(await endInTime(handle, this.#around.clock))) this.#giveUp(run);
    });
  }

  /** A run that does not end is left alone, and what it may still hold: the books and the next run go on. */
  #giveUp(run: OpenRun): void {
    const fields = { camera: this.#setup.cameraId, run: run.runId, limitMs: END_LIMIT_MS };
    this.#around.log.error(fields, 'a run does not end and is given up');
    run.spoiled = true;
    this.#ended(run, null);
  }
}
