/** Folders of footage and their cleaning as a source of events: looks at them now and then. */
import type { EventDraft } from '../domain/event.ts';

export interface WatchedVolume {
  readonly id: number;
  readonly path: string;
  /** Why it is out of use, for people; null while it is not. */
  readonly trouble: string | null;
}

export interface Deleted {
  readonly segments: number;
  readonly bytes: number;
}

export interface VolumeDoors {
  volumes(): readonly WatchedVolume[];
  publish(draft: EventDraft): unknown;
}

export class VolumeEvents {
  readonly #doors: VolumeDoors;
  readonly #troubles = new Map<number, string | null>();

  constructor(doors: VolumeDoors) {
    this.#doors = doors;
    for (const { id } of doors.volumes()) this.#troubles.set(id, null);
  }

  /** To be called every few seconds. */
  look(): void {
    for (const { id, path, trouble } of this.#doors.volumes()) {
      const before = this.#troubles.get(id) ?? null;
      if (before === trouble) continue;
      this.#troubles.set(id, trouble);
      const text =
        trouble === null
          ? `The folder ${path} is in use again.`
          : `The folder ${path} is out of use. ${trouble}`;
      // Another sentence about the same folder is the same trouble.
      if (before !== null && trouble !== null) continue;
      this.#doors.publish({
        kind: 'volume',
        text,
        data: { volume: id, folder: path, usable: trouble === null },
      });
    }
  }
}
