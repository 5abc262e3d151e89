/** The second stream of a camera: connected only while somebody looks at it, never recorded. */
import { type CameraId, subKey } from '../domain/ids.ts';
import { Demand } from './demand.ts';
import type { RingDoor, Surroundings } from './doors.ts';
import type { StreamSetup } from './openRun.ts';
import { SourceShell } from './sourceShell.ts';

export class SubStream {
  readonly #source: SourceShell;
  readonly #demand: Demand;
  #connected = false;

  constructor(setup: StreamSetup, around: Surroundings) {
    const key: CameraId = subKey(setup.cameraId);
    const ring: RingDoor | undefined = around.subRing?.(setup.cameraId);
    this.#demand = new Demand(around, key);
    this.#source = new SourceShell(setup, around, {
      onFragment: (entry) => ring?.push(entry),
      onRunEnded: () => {},
      onState: () => {},
    });
  }

  /** To be called about once a second. */
  tick(): void {
    this.#source.tick();
    const { watched } = this.#demand;
    if (watched === this.#connected) return;
    this.#connected = watched;
    if (watched) this.#source.start();
    else void this.#source.stop();
  }

  async close(): Promise<void> {
    await this.#source.stop();
  }
}
