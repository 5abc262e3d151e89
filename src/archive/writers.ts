/** The writers that are at work: how they are begun and ended, and that the books know what each could not keep. */
import type { CameraId, RunId } from '../domain/ids.ts';
import type { Ledger } from './ledger.ts';
import type { Log } from './records.ts';
import type { SegmentStore } from './segmentStore.ts';
import { SegmentWriter } from './segmentWriter.ts';
import { NO_LOSS, type Settlement, type WriteProblem } from './writeLosses.ts';
import type { WriterLimits } from './writerLimits.ts';

export interface WritersDoors {
  readonly ledger: Ledger;
  readonly store: SegmentStore;
  readonly log: Log;
  readonly limits: WriterLimits;
}

export class Writers {
  readonly #doors: WritersDoors;
  readonly #all = new Set<SegmentWriter>();
  #hurried = false;

  constructor(doors: WritersDoors) {
    this.#doors = doors;
  }

  /** As `Archive.writer`. */
  open(
    runId: RunId,
    onProblem: (problem: WriteProblem) => void,
    segmentMs = this.#doors.limits.segmentMs,
  ): SegmentWriter {
    const { ledger, store, limits } = this.#doors;
    const run = ledger.run(runId);
    const writer: SegmentWriter = new SegmentWriter({
      source: { run, init: ledger.init(run.initKey) },
      store,
      limits: { ...limits, segmentMs },
      onProblem,
      onEnded: (settlement) => {
        this.#all.delete(writer);
        this.#settle(run.cameraId, settlement);
      },
      onFound: (found) => this.#settle(run.cameraId, { ...NO_LOSS, found: [found] }),
    });
    this.#all.add(writer);
    if (this.#hurried) writer.hurry();
    return writer;
  }

  /** A disk is back. */
  retryNow(): void {
    for (const writer of this.#all) writer.retryNow();
  }

  /** The process is to stop: no writer takes long to end any more. */
  hurry(): void {
    this.#hurried = true;
    for (const writer of this.#all) writer.hurry();
  }

  /** Ends all of them, in a hurry. */
  async end(): Promise<void> {
    this.hurry();
    await Promise.all([...this.#all].map((writer) => writer.end()));
  }

  /** A recorder that stops must not fail because of what it can't write down any more. */
  #settle(cameraId: CameraId, { lost, found }: Settlement): void {
    const { ledger, log } = this.#doors;
    try {
      for (const interval of found) ledger.recordFound(cameraId, interval);
      for (const { cause, ...interval } of lost) ledger.recordLoss(cameraId, interval, cause);
    } catch (error) {
      const fields = { err: error, camera: cameraId, lost, found };
      log.error(fields, 'what became of footage could not be written down');
    }
  }
}
