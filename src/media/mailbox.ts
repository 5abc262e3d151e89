/**
 * A listener that can be made to forget whom it tells. node-gtk keeps every listener that was ever added to an object
 * for as long as the object lives, removed or not: one that leads back to the object would keep both for ever.
 */
export class Mailbox<T> {
  #deliver: ((message: T) => void) | null;
  /** What is added to the object, and removed from it. */
  readonly listener = (message: T): void => this.#deliver?.(message);

  constructor(deliver: (message: T) => void) {
    this.#deliver = deliver;
  }

  /** Delivers nothing more and lets go of whom it told. */
  close(): void {
    this.#deliver = null;
  }
}
