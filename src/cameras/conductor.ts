/**
 * One camera's life: joins its source and its recording, and answers for both. Everything of a camera happens in
 * the order of the event loop; nothing here waits for another camera.
 */
import type { Camera, RecordingMode } from '../domain/camera.ts';
import { NvrError } from '../domain/errors.ts';
import type { RunId } from '../domain/ids.ts';
import { canStart, type GapCause, wantedReason } from '../domain/recording.ts';
import type { SourceState } from '../domain/source.ts';
import { type CameraStatus, cameraStatus } from '../domain/status.ts';
import type { Clock, EpochMs } from '../domain/time.ts';
import type { RunFragment } from '../mp4/types.ts';
import { Demand } from './demand.ts';
import type { Failure, RingDoor, Surroundings } from './doors.ts';
import type { StreamSetup } from './openRun.ts';
import { RecordingShell } from './recordingShell.ts';
import { ScheduleWatch } from './scheduleWatch.ts';
import { SourceShell } from './sourceShell.ts';
import { SubStream } from './subStream.ts';

/** Why a camera in such a mode is not stopped by hand. */
const BY_ITSELF: Partial<Record<RecordingMode, string>> = {
  continuous: 'This camera records round the clock: change its mode to stop it.',
  scheduled: 'This camera records by its schedule: override that for a while to stop it.',
};

export class Conductor {
  #camera: Camera;
  readonly #ring: RingDoor;
  readonly #source: SourceShell;
  readonly #recording: RecordingShell;
  readonly #schedule: ScheduleWatch;
  readonly #clock: Clock;
  readonly #around: Surroundings;
  readonly #demand: Demand;
  #sub: SubStream | null;
  #connected = false;
  #closing = false;

  constructor(camera: Camera, around: Surroundings) {
    this.#camera = camera;
    this.#around = around;
    this.#demand = new Demand(around, camera.id);
    this.#sub = subOf(camera, around);
    this.#ring = around.ring(camera.id);
    this.#clock = around.clock;
    this.#schedule = new ScheduleWatch(around.schedules, camera.id);
    this.#recording = new RecordingShell(camera.id, around, this.#ring);
    this.#source = new SourceShell(mainOf(camera), around, {
      onFragment: (entry) => this.#accept(entry),
      onRunEnded: (runId, failure) => this.#runEnded(runId, failure),
      onState: (state) => {
        this.#recording.sourceCause(gapCause(state));
        around.onSource?.(camera.id, state);
      },
    });
  }

  get camera(): Camera {
    return this.#camera;
  }

  /** Begins: `started` tells whether a manual recording was on when the recorder last ran. */
  start(started: boolean): void {
    this.#followSchedule();
    this.#recording.configure(this.#camera);
    if (started) this.#recording.start();
    this.#connect();
  }

  /** Takes a changed configuration; only a change of the source or its sound touches the pipeline. */
  reconfigure(camera: Camera): void {
    const before = this.#camera;
    this.#camera = camera;
    this.#followSchedule();
    this.#recording.configure(camera);
    const changed = !sameMedia(mainOf(before), mainOf(camera));
    if (changed && this.#connected) this.#source.reconfigure(mainOf(camera));
    else if (changed) this.#source.configure(mainOf(camera));
    this.#connect();
    if (
      JSON.stringify([before.sub, before.audio, before.enabled]) ===
      JSON.stringify([camera.sub, camera.audio, camera.enabled])
    )
      return;
    void this.#sub?.close();
    this.#sub = subOf(camera, this.#around);
  }

  /** @throws NvrError `conflict` when the camera is off or disabled. */
  startRecording(): void {
    const verdict = canStart(this.#camera);
    if (!verdict.allowed) throw new NvrError('conflict', verdict.reason, { field: 'mode' });
    this.#recording.start();
    this.#connect();
  }

  /** @throws NvrError `conflict` when the camera records round the clock, or by its schedule. */
  stopRecording(): void {
    const why = BY_ITSELF[this.#camera.mode];
    if (why !== undefined) throw new NvrError('conflict', why, { field: 'mode' });
    this.#recording.stop();
  }

  /** The schedule is another: it holds at once. */
  reschedule(): void {
    this.#schedule.forget();
    this.#followSchedule();
  }

  /** There is no space for its footage, or there is again. */
  space(short: boolean): void {
    this.#recording.space(short);
  }

  /** Ends the run on a fragment boundary, then the recording. Resolves when all is durable. */
  async close(why: 'shutdown' | 'deleted'): Promise<void> {
    this.#closing = true;
    await this.#sub?.close();
    await this.#source.stop();
    await this.#recording.shutdown(why);
  }

  /** The wall clock was set: what was `fromMs` is `toMs`. */
  clockSet(fromMs: EpochMs, toMs: EpochMs): void {
    this.#recording.clockSet(fromMs, toMs);
    this.#source.clockSet();
  }

  /** To be called about once a second. */
  tick(): void {
    this.#source.tick();
    this.#sub?.tick();
    this.#followSchedule();
    this.#connect();
  }

  status(): CameraStatus {
    const { current } = this.#source;
    return cameraStatus(this.#source.state, this.#recording.state, {
      format: current?.format ?? null,
      codecs: current?.init.codecs ?? null,
      runId: current?.runId ?? null,
      lastFragmentMs: this.#recording.lastFragmentMs,
      lastDurableMs: this.#recording.lastDurableMs,
      driftPpm: this.#source.driftPpm,
      silent: this.#source.silent,
    });
  }

  #followSchedule(): void {
    if (this.#camera.mode !== 'scheduled') return;
    this.#recording.schedule(this.#schedule.wantedAt(this.#clock.now()));
  }

  /** An `onDemand` camera is connected while it is watched or to be recorded. */
  #connect(): void {
    const { enabled, onDemand = false } = this.#camera;
    const { watched } = this.#demand;
    const wanted =
      enabled && !this.#closing && (!onDemand || watched || wantedReason(this.#recording.state) !== null);
    if (wanted === this.#connected) return;
    this.#connected = wanted;
    if (wanted) this.#source.start();
    else void this.#source.stop();
  }

  #accept(entry: RunFragment): void {
    this.#ring.push(entry);
    const format = this.#source.current?.format;
    if (format !== undefined) this.#recording.accept(entry, format);
  }

  /** While the camera is closed, the end of its run is not a loss: the recording is ended for its own reason. */
  #runEnded(runId: RunId, failure: Failure | null): void {
    if (this.#closing) return;
    this.#recording.runEnded(runId, failure?.cause ?? gapCause(this.#source.state));
  }
}

/** Why nothing comes while the source is in this state. */
function gapCause(state: SourceState): GapCause {
  switch (state.name) {
    case 'off':
    case 'connecting':
      return state.name === 'connecting' && state.trouble !== null ? state.trouble.cause : 'connecting';
    case 'live':
      return 'starting';
    case 'stalled':
      return 'stalled';
    case 'backoff':
      return state.cause;
  }
}

function mainOf({ id, source, encode = null, audio }: Camera): StreamSetup {
  return { cameraId: id, stream: 'main', source, encode, audio };
}

function subOf({ id, sub, audio, enabled }: Camera, around: Surroundings): SubStream | null {
  if (!sub || !enabled) return null;
  return new SubStream({ cameraId: id, stream: 'sub', source: sub, encode: null, audio }, around);
}

function sameMedia(a: StreamSetup, b: StreamSetup): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
