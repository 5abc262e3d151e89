/** One file on its way to the user: how far it is, and in the end its hash. */
import { type ReadonlySignal, signal } from '@preact/signals';
import { saveBlob } from '../media/snapshot.ts';
import { problemText } from '../words/index.ts';
import { type FileHead, fetchFile, headOf } from './clip.ts';

export type SavingState =
  | { readonly kind: 'idle'; readonly head: FileHead | null }
  | { readonly kind: 'fetching'; readonly head: FileHead; readonly bytes: number }
  | { readonly kind: 'saved'; readonly head: FileHead; readonly sha256: string }
  | { readonly kind: 'failed'; readonly head: FileHead | null; readonly text: string };

/** Larger files would fill the browser's memory: they are downloaded in the ordinary way, without a hash. */
export const LARGEST_HASHED = 1_000_000_000;

export class Saving {
  readonly url: string;
  readonly #state = signal<SavingState>({ kind: 'idle', head: null });
  readonly #controller = new AbortController();

  constructor(url: string) {
    this.url = url;
  }

  get state(): ReadonlySignal<SavingState> {
    return this.#state;
  }

  /** Finds out name and size, before anything is fetched. */
  async look(): Promise<FileHead | null> {
    const known = this.#state.peek().head;
    if (known) return known;
    try {
      const head = await headOf(this.url, this.#controller.signal);
      this.#state.value = { kind: 'idle', head };
      return head;
    } catch (error) {
      this.#fail(error, null);
      return null;
    }
  }

  /** Fetches the file, and gives it to the browser to save. */
  async start(): Promise<void> {
    const head = await this.look();
    if (!head || this.#state.peek().kind === 'fetching') return;
    this.#state.value = { kind: 'fetching', head, bytes: 0 };
    try {
      const file = await fetchFile(this.url, this.#controller.signal, (bytes) => {
        this.#state.value = { kind: 'fetching', head, bytes };
      });
      saveBlob(file.blob, file.name);
      this.#state.value = { kind: 'saved', head: file, sha256: file.sha256 };
    } catch (error) {
      this.#fail(error, head);
    }
  }

  /** Ends it, wherever it is. */
  cancel(): void {
    this.#controller.abort();
  }

  #fail(error: unknown, head: FileHead | null): void {
    if (this.#controller.signal.aborted) return;
    this.#state.value = { kind: 'failed', head, text: problemText(error) };
  }
}
