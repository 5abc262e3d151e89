/** JPEGs as a stream of parts of which each replaces the one before (`multipart/x-mixed-replace`). */
import { Readable } from 'node:stream';

const BOUNDARY = 'nightjar-picture';

export class MultipartPictures extends Readable {
  static readonly mediaType = `multipart/x-mixed-replace; boundary=${BOUNDARY}`;
  #begun = false;

  override _read(): void {
    // Pictures come when they come.
  }

  /** Sends a picture; false, and not sent, while one before it has not left. */
  show(jpeg: Buffer): boolean {
    if (this.readableLength > 0 || this.destroyed) return false;
    const begin = this.#begun ? '' : `--${BOUNDARY}\r\n`;
    this.#begun = true;
    this.push(`${begin}Content-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`);
    this.push(jpeg);
    // The next boundary at once: browsers show a part when they have seen its end.
    this.push(`\r\n--${BOUNDARY}\r\n`);
    return true;
  }

  /** The last part has been sent. */
  end(): void {
    if (!this.readableEnded && !this.destroyed) this.push(null);
  }
}
