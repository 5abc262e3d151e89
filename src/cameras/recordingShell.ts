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
import { msToTicks, ticksToMs } from '../domain/ticks.ts';
import type { EpochMs } from '../domain/time.ts';
import type { RunFragment } from '../mp4/types.ts';
import type { RingDoor, Surroundings, WriterDoor } from './doors.ts';

/** Media that is missing inside a run; less is a late or lost frame. */
const HOLE_TICKS = msToTicks(1_000);
/** After the storage refused, the next key fragment after this long is tried. */
const STORAGE_PAUSE_MS = 2_000;

export class RecordingShell {
  readonly #around: Surroundings;
  readonly #cameraId: Camera['id'];
  readonly #ring: RingDoor;
  readonly #writer: WriterDoor;
  #state: RecordingState;
  #last: RunFragment | null = null;
  #keptUntilMs: EpochMs | null = null;
  /** What the newest run delivers, for the ledger. */
  #format: StreamFormat | null = null;
  #knownRun: RunId | null = null;
  #storageTimer: NodeJS.Timeout | undefined;

  constructor(cameraId: Camera['id'], around: Surroundings, ring: RingDoor) {
    this.#cameraId = cameraId;
    this.#around = around;
    this.#ring = ring;
    this.#state = initialRecording(around.clock.now());
    this.#writer = around.ledger.writer(cameraId, ({ cause, fromMs }) => this.#storageFailed(cause, fromMs));
  }

  get state(): RecordingState {
    return this.#state;
  }

  get lastFragmentMs(): EpochMs | null {
    return this.#last === null ? null : endOf(this.#last);
  }

  get lastDurableMs(): EpochMs | null {
    return this.#writer.lastDurableMs;
  }

  /** Takes the next fragment, which is in the ring already. */
  accept(entry: RunFragment, format: StreamFormat): void {
    const last = this.#last;
    this.#last = entry;
    this.#format = format;
    if (last !== null && isHole(last, entry)) {
      this.#dispatch({
        type: 'run-ended',
        runId: last.runId,
        endMs: endOf(last),
        cause: 'stalled',
        at: this.#now(),
      });
    }
    if (this.#state.name === 'recording' && this.#state.runId === entry.runId) this.#keep(entry);
    else if (entry.fragment.key) this.#offer(entry);
  }

  runEnded(runId: RunId, cause: GapCause): void {
    const endMs = this.#last?.runId === runId ? endOf(this.#last) : this.#now();
    this.#dispatch({ type: 'run-ended', runId, endMs, cause, at: this.#now() });
  }

  sourceCause(cause: GapCause): void {
    this.#dispatch({ type: 'source-cause', cause, at: this.#now() });
  }

  configure(camera: Camera): void {
    const { mode, enabled } = camera;
    this.#dispatch({ type: 'configured', mode, enabled, endMs: this.#endMs(), at: this.#now() });
    this.#offerFromRing();
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
    clearTimeout(this.#storageTimer);
    this.#dispatch({ type, endMs: this.#endMs(), at: this.#now() });
    await this.#writer.end();
  }

  #now(): EpochMs {
    return this.#around.clock.now();
  }

  /** Where footage ends if it is ended now. */
  #endMs(): EpochMs {
    return this.#state.name === 'recording' && this.#last !== null ? endOf(this.#last) : this.#now();
  }

  #offer(entry: RunFragment): void {
    this.#dispatch({ type: 'key-fragment', runId: entry.runId, startMs: entry.startMs, at: this.#now() });
  }

  /** What the ring holds since the newest keyframe is kept too, so that a recording begins at once. */
  #offerFromRing(): void {
    if (this.#state.name !== 'waiting' || this.#last === null) return;
    const { runId } = this.#last;
    const key = this.#ring.entries.findLast((entry) => entry.fragment.key && entry.runId === runId);
    // What was kept before is not kept twice: then the next keyframe begins the recording.
    if (key !== undefined && key.startMs >= (this.#keptUntilMs ?? 0)) this.#offer(key);
  }

  #dispatch(event: RecordingEvent): void {
    const before = this.#state;
    const [after, effects] = reduceRecording(before, event);
    this.#state = after;
    for (const effect of effects) this.#perform(effect);
    if (after.name === before.name) return;
    const cause = after.name === 'waiting' ? { cause: after.cause } : {};
    this.#around.log.info({ camera: this.#cameraId, ...cause }, `recording ${before.name}->${after.name}`);
  }

  #perform(effect: RecordingEffect): void {
    const { ledger } = this.#around;
    switch (effect.type) {
      case 'begin':
        this.#begin(effect);
        break;
      case 'end':
        void this.#writer.end();
        ledger.endRecording(this.#cameraId, effect.endMs, effect.reason);
        break;
      case 'open-gap':
        ledger.openGap(this.#cameraId, effect.fromMs, effect.cause);
        break;
      case 'update-gap':
        ledger.updateGap(this.#cameraId, effect.cause);
        break;
      case 'close-gap':
        ledger.closeGap(this.#cameraId, effect.atMs);
        break;
    }
  }

  #begin({ runId, reason, fromMs }: Extract<RecordingEffect, { type: 'begin' }>): void {
    const held = this.#ring.entries.filter((entry) => entry.runId === runId && entry.startMs >= fromMs);
    const kept = held.slice(held.findIndex((entry) => entry.fragment.key));
    const [first] = kept;
    if (first !== undefined && this.#format !== null && this.#knownRun !== runId) {
      this.#knownRun = runId;
      const { init, startMs } = first;
      const run = { id: runId, cameraId: this.#cameraId, init, format: this.#format, startedMs: startMs };
      this.#around.ledger.beginRun(run);
    }
    this.#around.ledger.beginRecording(this.#cameraId, reason, fromMs);
    for (const entry of kept) this.#keep(entry);
  }

  #keep(entry: RunFragment): void {
    this.#keptUntilMs = endOf(entry);
    this.#writer.append(entry);
  }

  #storageFailed(cause: 'storage' | 'overrun', fromMs: EpochMs): void {
    this.#dispatch({ type: 'storage-failed', cause, endMs: fromMs, at: this.#now() });
    clearTimeout(this.#storageTimer);
    this.#storageTimer = setTimeout(() => {
      this.#dispatch({ type: 'storage-restored', at: this.#now() });
    }, STORAGE_PAUSE_MS);
  }
}

function endOf({ startMs, fragment }: RunFragment): EpochMs {
  return Math.round(startMs + ticksToMs(fragment.durationTicks)) as EpochMs;
}

function isHole(last: RunFragment, next: RunFragment): boolean {
  if (last.runId !== next.runId) return false;
  const { startTicks, durationTicks } = last.fragment;
  return next.fragment.startTicks - startTicks - durationTicks > HOLE_TICKS;
}
