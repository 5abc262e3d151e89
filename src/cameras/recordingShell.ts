/**
 * Runs the recording machine of one camera: offers it key fragments, keeps what it says to keep, and writes
 * recordings and gaps into the ledger. Owns no rule: those are in `domain/recording.ts`.
 */
import type { Camera } from '../domain/camera.ts';
import type { RunId } from '../domain/ids.ts';
import type { StreamFormat } from '../domain/media.ts';
import {
  type GapCause,
  initialRecording,
  type RecordingEffect,
  type RecordingEvent,
  type RecordingState,
  reduceRecording,
} from '../domain/recording.ts';
import type { EpochMs } from '../domain/time.ts';
import type { RunFragment } from '../mp4/types.ts';
import { Books, INDEX_RETRY_MS } from './books.ts';
import type { RingDoor, StorageProblem, Surroundings, WriterDoor } from './doors.ts';
import { endOf, standsStill, unsetStart } from './fragmentTimes.ts';

export class RecordingShell {
  readonly #around: Surroundings;
  readonly #cameraId: Camera['id'];
  readonly #ring: RingDoor;
  readonly #books: Books;
  #state: RecordingState;
  #last: RunFragment | null = null;
  /** The run that ended last: what the ring still holds of it begins no recording. */
  #endedRun: RunId | null = null;
  #keptUntilMs: EpochMs | null = null;
  /** What the newest run delivers, for the ledger. */
  #format: StreamFormat | null = null;
  #knownRun: RunId | null = null;
  #writer: WriterDoor | null = null;
  /** The writer can't keep what it is given, and tries again by itself. */
  #writerStuck = false;
  /** The ledger notes a gap while the file goes on. */
  #bridging = false;
  #retryTimer: NodeJS.Timeout | undefined;
  #lastDurableMs: EpochMs | null;
  #closing: Promise<void> = Promise.resolve();

  constructor(cameraId: Camera['id'], around: Surroundings, ring: RingDoor) {
    this.#cameraId = cameraId;
    this.#around = around;
    this.#ring = ring;
    this.#books = new Books(cameraId, around.log);
    this.#state = initialRecording(around.clock.now());
    this.#lastDurableMs = around.ledger.durableUntil(cameraId);
  }

  get state(): RecordingState {
    return this.#state;
  }

  get lastFragmentMs(): EpochMs | null {
    return this.#last === null ? null : endOf(this.#last);
  }

  get lastDurableMs(): EpochMs | null {
    return this.#writer?.lastDurableMs ?? this.#lastDurableMs;
  }

  /** Takes the next fragment, which is in the ring already. */
  accept(entry: RunFragment, format: StreamFormat): void {
    const last = this.#last;
    this.#last = entry;
    this.#format = format;
    if (last?.runId === entry.runId) this.#follow(last, entry);
    if (this.#writer !== null && this.#knownRun === entry.runId) this.#keep(entry);
    else if (entry.fragment.key) this.#offer(entry);
  }

  runEnded(runId: RunId, cause: GapCause): void {
    this.#endedRun = runId;
    const endMs = this.#last?.runId === runId ? endOf(this.#last) : this.#now();
    this.#dispatch({ type: 'run-ended', runId, endMs, cause, at: this.#now() });
    if (this.#knownRun === runId) this.#endRun(endMs, cause);
  }

  sourceCause(cause: GapCause): void {
    this.#dispatch({ type: 'source-cause', cause, at: this.#now() });
  }

  configure(camera: Camera): void {
    const { mode, enabled } = camera;
    this.#dispatch({ type: 'configured', mode, enabled, endMs: this.#endMs(), at: this.#now() });
    this.#offerFromRing();
  }

  schedule(wanted: boolean): void {
    if (wanted === this.#state.known.scheduled) return;
    this.#dispatch({ type: 'schedule', wanted, endMs: this.#endMs(), at: this.#now() });
    this.#offerFromRing();
  }

  /** There is no space for it, or there is again. */
  space(short: boolean): void {
    this.#dispatch({ type: 'space', short, endMs: this.#endMs(), at: this.#now() });
    this.#offerFromRing();
  }

  /** A recording goes on by the time of its run, until that follows. */
  clockSet(fromMs: EpochMs, toMs: EpochMs): void {
    if (this.#state.name === 'waiting') this.#dispatch({ type: 'clock-set', fromMs, toMs, at: toMs });
  }

  start(): void {
    this.#dispatch({ type: 'start', at: this.#now() });
    this.#offerFromRing();
  }

  stop(): void {
    this.#dispatch({ type: 'stop', endMs: this.#endMs(), at: this.#now() });
  }

  /** Resolves when everything kept is durable and in the index. */
  async shutdown(type: 'shutdown' | 'deleted'): Promise<void> {
    clearTimeout(this.#retryTimer);
    const endMs = this.#endMs();
    this.#dispatch({ type, endMs, at: this.#now() });
    this.#endRun(endMs, 'shutdown');
    this.#books.close();
    await this.#closing;
  }

  #now(): EpochMs {
    return this.#around.clock.now();
  }

  /** Where footage ends if it is ended now. */
  #endMs(): EpochMs {
    return this.#state.name === 'recording' && this.#last !== null ? endOf(this.#last) : this.#now();
  }

  /** What comes next in a run may have been held up, or be of another time. */
  #follow(last: RunFragment, entry: RunFragment): void {
    if (standsStill(last)) this.#bridge(last, entry);
    const fromMs = unsetStart(last, entry);
    if (fromMs === null || this.#state.name !== 'recording') return;
    this.#bridging = true;
    this.#dispatch({ type: 'clock-set', fromMs, toMs: entry.startMs, at: this.#now() });
    this.#bridging = false;
  }

  /** The camera fell silent and did not catch up: a gap in the ledger, while the file goes on. */
  #bridge(last: RunFragment, entry: RunFragment): void {
    if (this.#state.name !== 'recording') return;
    const endMs = (last.startMs + 1) as EpochMs;
    this.#bridging = true;
    this.#dispatch({ type: 'run-ended', runId: last.runId, endMs, cause: 'stalled', at: this.#now() });
    this.#offer(entry);
    this.#bridging = false;
  }

  #storageProblem(writer: WriterDoor | null, problem: StorageProblem): void {
    if (writer === null || this.#writer !== writer) return;
    const at = this.#now();
    const { cause, message, fromMs, toMs, over } = problem;
    if (this.#writerStuck === !over) return;
    this.#around.log.warn({ camera: this.#cameraId, cause, reason: message, over }, 'storage problem');
    this.#writerStuck = !over;
    this.#bridging = true;
    if (!over) this.#dispatch({ type: 'storage-failed', cause, endMs: fromMs, at });
    else this.#dispatch({ type: 'storage-restored', at });
    if (over && this.#knownRun !== null) {
      this.#dispatch({ type: 'key-fragment', runId: this.#knownRun, startMs: toMs, at });
    }
    this.#bridging = false;
  }

  #offer(entry: RunFragment): void {
    this.#dispatch({ type: 'key-fragment', runId: entry.runId, startMs: entry.startMs, at: this.#now() });
  }

  /** What the ring holds since the newest keyframe is kept too, so that a recording begins at once. */
  #offerFromRing(): void {
    if (this.#state.name !== 'waiting' || this.#last === null) return;
    const { runId } = this.#last;
    if (runId === this.#endedRun) return;
    const key = this.#ring.entries.findLast((entry) => entry.fragment.key && entry.runId === runId);
    // What was kept before is not kept twice: then the next keyframe begins the recording.
    if (key !== undefined && key.startMs >= (this.#keptUntilMs ?? 0)) this.#offer(key);
  }

  #dispatch(event: RecordingEvent): void {
    const before = this.#state;
    const [after, effects] = reduceRecording(before, event);
    this.#state = after;
    for (const effect of effects) this.#attempt(effect);
    if (after.name === 'idle') this.#closeWriter();
    if (after.name === before.name) return;
    const cause = after.name === 'waiting' ? { cause: after.cause } : {};
    this.#around.log.info({ camera: this.#cameraId, ...cause }, `recording ${before.name}->${after.name}`);
  }

  /** The index may refuse, which must not end the process. What could not begin is a gap, and is tried again. */
  #attempt(effect: RecordingEffect): void {
    try {
      this.#perform(effect);
    } catch (thrown) {
      this.#books.refused(effect.type, thrown);
      if (effect.type !== 'begin') return;
      this.#dispatch({ type: 'storage-failed', cause: 'storage', endMs: effect.fromMs, at: this.#now() });
      clearTimeout(this.#retryTimer);
      this.#retryTimer = setTimeout(() => {
        this.#dispatch({ type: 'storage-restored', at: this.#now() });
      }, INDEX_RETRY_MS);
    }
  }

  #perform(effect: RecordingEffect): void {
    const { ledger } = this.#around;
    const enter = (tell: () => void) => this.#books.enter(effect.type, tell);
    switch (effect.type) {
      case 'begin':
        this.#begin(effect);
        break;
      case 'end':
        if (!this.#bridging) this.#closeWriter();
        enter(() => ledger.endRecording(this.#cameraId, effect.endMs, effect.reason));
        break;
      case 'open-gap':
        enter(() => ledger.openGap(this.#cameraId, effect.fromMs, effect.cause));
        break;
      case 'update-gap':
        enter(() => ledger.updateGap(this.#cameraId, effect.cause));
        break;
      case 'close-gap':
        enter(() => ledger.closeGap(this.#cameraId, effect.atMs));
        break;
    }
  }

  #begin({ runId, reason, fromMs, keepFromMs }: Extract<RecordingEffect, { type: 'begin' }>): void {
    const { ledger } = this.#around;
    this.#books.settle();
    if (this.#knownRun !== runId) this.#beginRun(runId);
    ledger.beginRecording(this.#cameraId, reason, fromMs);
    if (this.#bridging) return;
    this.#closeWriter();
    const writer = ledger.openWriter(this.#cameraId, runId, (problem) =>
      this.#storageProblem(writer, problem),
    );
    this.#writer = writer;
    const held = this.#ring.entries.filter((entry) => entry.runId === runId && entry.startMs >= keepFromMs);
    for (const entry of held) this.#keep(entry);
  }

  #beginRun(id: RunId): void {
    if (this.#last === null || this.#format === null) return;
    const { init, startMs } = this.#last;
    this.#around.ledger.beginRun({
      id,
      cameraId: this.#cameraId,
      init,
      format: this.#format,
      startedMs: startMs,
    });
    this.#knownRun = id;
  }

  #endRun(endMs: EpochMs, cause: GapCause): void {
    this.#closeWriter();
    const run = this.#knownRun;
    this.#knownRun = null;
    if (run === null) return;
    this.#books.enter('end-run', () => this.#around.ledger.endRun(run, endMs, cause));
  }

  #closeWriter(): void {
    const writer = this.#writer;
    if (writer === null) return;
    this.#writer = null;
    this.#lastDurableMs = writer.lastDurableMs ?? this.#lastDurableMs;
    this.#closing = Promise.all([this.#closing, writer.end()]).then(() => {
      this.#lastDurableMs = writer.lastDurableMs ?? this.#lastDurableMs;
    });
    if (!this.#writerStuck) return;
    // Its trouble goes with it: the next one finds out for itself.
    this.#writerStuck = false;
    this.#dispatch({ type: 'storage-restored', at: this.#now() });
  }

  #keep(entry: RunFragment): void {
    this.#keptUntilMs = endOf(entry);
    this.#writer?.append(entry.fragment, entry.startMs);
  }
}
