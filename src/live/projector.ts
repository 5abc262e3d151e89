/** One camera at one size, decoded for all who watch it so: follows its runs, and begins anew when the decoder fails. */
import type { RunId } from '../domain/ids.ts';
import type { RunFragment } from '../mp4/types.ts';
import type { PictureSource, PictureSourceEvents } from './livePictures.ts';
import type { Ring } from './ring.ts';

export interface ProjectorDoors {
  readonly open: (entry: RunFragment, events: PictureSourceEvents) => Promise<PictureSource>;
  /** Nobody watches any more, and nobody may join. */
  readonly onIdle: () => void;
}

export interface Onlooker {
  show(jpeg: Buffer): void;
  end(): void;
}

/** A decoder that failed is opened again after so long. */
const AGAIN_MS = 2_000;
/** Without a picture for so long the camera is gone: viewers are better told than left with an old picture. */
const DARK_MS = 30_000;

/** A decoder, or one that is being opened, and what it has been given or waits for it. */
interface Show {
  readonly runId: RunId;
  source: PictureSource | null;
  waiting: RunFragment[];
  over: boolean;
}

export class Projector {
  readonly #ring: Ring;
  readonly #doors: ProjectorDoors;
  readonly #onlookers = new Set<Onlooker>();
  readonly #unsubscribe: () => void;
  #show: Show | null = null;
  #failed = false;
  #newest: Buffer | null = null;
  #again: NodeJS.Timeout | undefined;
  #dark: NodeJS.Timeout;
  #over = false;

  constructor(ring: Ring, doors: ProjectorDoors) {
    this.#ring = ring;
    this.#doors = doors;
    this.#unsubscribe = ring.subscribe((entry) => this.#take(entry));
    this.#dark = setTimeout(() => this.end(), DARK_MS);
    this.#begin();
  }

  /** @returns to be called when the onlooker leaves; the last one ends everything */
  join(onlooker: Onlooker): () => void {
    this.#onlookers.add(onlooker);
    if (this.#newest !== null) onlooker.show(this.#newest);
    return () => {
      this.#onlookers.delete(onlooker);
      if (this.#onlookers.size === 0) this.end();
    };
  }

  /** Tells all onlookers that it is over. Idempotent. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#again);
    clearTimeout(this.#dark);
    this.#unsubscribe();
    this.#close();
    this.#doors.onIdle();
    const onlookers = [...this.#onlookers];
    this.#onlookers.clear();
    for (const onlooker of onlookers) onlooker.end();
  }

  #take(entry: RunFragment): void {
    if (this.#failed) return;
    if (this.#show === null || this.#show.runId !== entry.runId) {
      if (entry.fragment.key) this.#begin();
      return;
    }
    if (this.#show.source === null) this.#show.waiting.push(entry);
    else this.#show.source.push(entry);
  }

  /** From the newest keyframe on, so that there is a picture at once. */
  #begin(): void {
    this.#close();
    const waiting = [...this.#ring.fromLastKey()];
    const first = waiting[0];
    if (first === undefined) return;
    const show: Show = { runId: first.runId, source: null, waiting, over: false };
    this.#show = show;
    this.#doors
      .open(first, { onPicture: (jpeg) => this.#picture(show, jpeg), onEnd: () => this.#lost(show) })
      .then(
        (source) => this.#opened(show, source),
        () => this.#lost(show),
      );
  }

  #opened(show: Show, source: PictureSource): void {
    if (show.over) {
      source.close();
      return;
    }
    show.source = source;
    for (const entry of show.waiting) source.push(entry);
    show.waiting = [];
  }

  #picture(show: Show, jpeg: Buffer): void {
    if (show.over) return;
    this.#dark.refresh();
    this.#newest = jpeg;
    for (const onlooker of this.#onlookers) onlooker.show(jpeg);
  }

  #lost(show: Show): void {
    if (show.over || this.#over) return;
    this.#close();
    this.#failed = true;
    this.#again = setTimeout(() => {
      this.#failed = false;
      this.#begin();
    }, AGAIN_MS);
  }

  #close(): void {
    if (this.#show === null) return;
    this.#show.over = true;
    this.#show.source?.close();
    this.#show = null;
  }
}
