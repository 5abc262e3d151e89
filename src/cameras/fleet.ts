/** All cameras: what may be done with them, and that a change of one is never felt by another. */
import { randomBytes } from 'node:crypto';
import type { Camera, CameraDraft } from '../domain/camera.ts';
import { NvrError } from '../domain/errors.ts';
import { type CameraId, cameraId, slug } from '../domain/ids.ts';
import type { CameraStatus } from '../domain/status.ts';
import { type ClockStep, StepWatch } from '../domain/stepWatch.ts';
import { inTime } from './awakeTimers.ts';
import { Conductor } from './conductor.ts';
import type { CameraStore, Surroundings } from './doors.ts';

const TICK_MS = 1_000;
/** Whoever deletes a camera is not kept longer, in ms, though a disk that does not answer has its last footage. */
const REMOVAL_MS = 5_000;

/** What a new camera may leave out. */
export type NewCamera = Omit<CameraDraft, 'id'> & { readonly id?: CameraId };
export type CameraPatch = Partial<Omit<CameraDraft, 'id'>>;

export interface CameraWithStatus {
  readonly camera: Camera;
  readonly status: CameraStatus;
}

export class Fleet {
  readonly #store: CameraStore;
  readonly #around: Surroundings;
  readonly #conductors = new Map<CameraId, Conductor>();
  /** Deleted cameras whose last footage is not on the disk yet. */
  readonly #leaving = new Map<CameraId, Promise<void>>();
  readonly #steps: StepWatch;
  readonly #onClockSet: (step: ClockStep) => void;
  #crowdedOut: readonly CameraId[] = [];
  #ticker: NodeJS.Timeout | undefined;

  /** @param onClockSet told when the wall clock of this machine was set */
  constructor(
    store: CameraStore,
    around: Surroundings,
    onClockSet: (step: ClockStep) => void = () => undefined,
  ) {
    this.#onClockSet = onClockSet;
    this.#store = store;
    this.#around = around;
    this.#steps = new StepWatch(around.clock);
  }

  /** Starts every stored camera; what was recording when the recorder last ran records again. */
  start(): void {
    for (const camera of this.#store.list()) this.#begin(camera, this.#store.started(camera.id));
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
  }

  #tick(): void {
    const step = this.#steps.look();
    if (step !== null) {
      this.#around.log.warn(step, 'the clock of this machine was set');
      this.#onClockSet(step);
    }
    for (const conductor of this.#conductors.values()) {
      if (step !== null) conductor.clockSet(step.fromMs, step.toMs);
      conductor.tick();
    }
  }

  /** Ends every run on a fragment boundary; resolves when all footage is durable and in the index. */
  async close(): Promise<void> {
    clearInterval(this.#ticker);
    const closing = [...this.#conductors.values()].map((conductor) => conductor.close('shutdown'));
    await Promise.all([...closing, Promise.allSettled(this.#leaving.values())]);
  }

  list(): readonly CameraWithStatus[] {
    return [...this.#conductors.values()].map(withStatus);
  }

  /** @throws NvrError `not-found`. */
  get(id: CameraId): CameraWithStatus {
    return withStatus(this.#find(id));
  }

  /** @throws NvrError `conflict` when the id is taken, also while its camera is being deleted. */
  create(draft: NewCamera): CameraWithStatus {
    const now = this.#around.clock.now();
    const id = draft.id ?? this.#freeId(draft.name);
    this.#refuseLeaving(id);
    const camera = this.#store.insert({ ...draft, id }, now);
    return withStatus(this.#begin(camera, false));
  }

  /** Takes a deleted camera back, as it was. @throws NvrError `not-found`, `conflict` while it is being deleted. */
  restore(id: CameraId): CameraWithStatus {
    this.#refuseLeaving(id);
    return withStatus(this.#begin(this.#store.restore(id, this.#around.clock.now()), false));
  }

  /**
   * @param expected the revision the change is based on, or null to change whatever is there
   * @throws NvrError `not-found`, or `conflict` when the camera was changed meanwhile.
   */
  update(id: CameraId, patch: CameraPatch, expected: number | null): CameraWithStatus {
    const conductor = this.#expect(id, expected);
    const before = conductor.camera;
    const camera = this.#store.update({ ...before, ...patch }, before.revision, this.#around.clock.now());
    if (camera.mode !== 'manual' || !camera.enabled) this.#store.setStarted(id, false);
    conductor.reconfigure(camera);
    return withStatus(conductor);
  }

  /**
   * Adds or replaces several cameras, whatever their revisions: all of them, or none.
   * @param together runs what stores them so that, when anything throws, nothing is stored
   * @throws as `create`
   */
  putAll(drafts: readonly CameraDraft[], together: (store: () => void) => void): void {
    const stored: Camera[] = [];
    together(() => {
      for (const draft of drafts) stored.push(this.#put(draft));
    });
    for (const camera of stored) {
      const conductor = this.#conductors.get(camera.id);
      if (conductor === undefined) this.#begin(camera, false);
      else conductor.reconfigure(camera);
    }
  }

  #put(draft: CameraDraft): Camera {
    const now = this.#around.clock.now();
    const before = this.#conductors.get(draft.id)?.camera;
    if (before !== undefined) {
      if (draft.mode !== 'manual' || !draft.enabled) this.#store.setStarted(draft.id, false);
      return this.#store.update(draft, before.revision, now);
    }
    this.#refuseLeaving(draft.id);
    return this.#store.insert(draft, now);
  }

  /**
   * Footage and settings are held for a while. Resolves when all is durable, or after some seconds: what a disk then still
   * has to answer for goes on by itself. @throws as `update`.
   */
  async remove(id: CameraId, expected: number | null): Promise<void> {
    const conductor = this.#expect(id, expected);
    this.#store.remove(id, conductor.camera.revision, this.#around.clock.now());
    this.#conductors.delete(id);
    const { clock, log } = this.#around;
    const left = this.#leave(id, conductor);
    this.#leaving.set(id, left);
    if (await inTime(left, REMOVAL_MS, clock)) return;
    log.warn({ camera: id }, 'the last footage of a deleted camera is not on its disk yet');
  }

  async #leave(id: CameraId, conductor: Conductor): Promise<void> {
    try {
      await conductor.close('deleted');
    } finally {
      this.#around.dropRing(id);
      this.#leaving.delete(id);
    }
  }

  /** @throws NvrError `not-found`, or `conflict` when this camera can't be started. */
  startRecording(id: CameraId): CameraWithStatus {
    const conductor = this.#find(id);
    conductor.startRecording();
    this.#store.setStarted(id, conductor.camera.mode === 'manual');
    return withStatus(conductor);
  }

  /** @throws NvrError `not-found`, or `conflict` when the camera records round the clock. */
  stopRecording(id: CameraId): CameraWithStatus {
    const conductor = this.#find(id);
    conductor.stopRecording();
    this.#store.setStarted(id, false);
    return withStatus(conductor);
  }

  /** The cameras for whose footage there is no space, and no others; they record again when they are not named. */
  crowdOut(ids: readonly CameraId[]): void {
    this.#crowdedOut = ids;
    for (const [id, conductor] of this.#conductors) conductor.space(ids.includes(id));
  }

  /** The schedule of a camera is another. @throws NvrError `not-found`. */
  reschedule(id: CameraId): void {
    this.#find(id).reschedule();
  }

  #begin(camera: Camera, started: boolean): Conductor {
    const conductor = new Conductor(camera, this.#around);
    this.#conductors.set(camera.id, conductor);
    if (this.#crowdedOut.includes(camera.id)) conductor.space(true);
    conductor.start(started);
    return conductor;
  }

  #refuseLeaving(id: CameraId): void {
    if (!this.#leaving.has(id)) return;
    throw new NvrError('conflict', `The camera ${id} is still being deleted.`, { field: 'id' });
  }

  #expect(id: CameraId, revision: number | null): Conductor {
    const conductor = this.#find(id);
    if (revision !== null && revision !== conductor.camera.revision) {
      const message = 'The camera was changed by someone else meanwhile.';
      throw new NvrError('conflict', message, { field: 'revision' });
    }
    return conductor;
  }

  #find(id: CameraId): Conductor {
    const found = this.#conductors.get(id);
    if (found === undefined)
      throw new NvrError('not-found', `There is no camera ${id}.`, { field: 'cameraId' });
    return found;
  }

  /** Readable and never used before: footage of a deleted camera keeps its id. */
  #freeId(name: string): CameraId {
    const suffix = randomBytes(3).toString('hex');
    return cameraId(`${slug(name) || 'camera'}-${suffix}`);
  }
}

function withStatus(conductor: Conductor): CameraWithStatus {
  return { camera: conductor.camera, status: conductor.status() };
}
