/** A live viewer that looks at the stamps of the frames it is sent, instead of showing them. */
import WebSocket from 'ws';
import { HEADER_BYTES, MEDIA_KINDS } from '../../src/live/protocol.ts';
import { AUTHORIZATION, type Recorder } from '../support/recorder.ts';
import { readStamps } from '../support/rtsp/stamps.ts';

const BEGINNING_MS = 2_000;

export class Viewer {
  /** Of each frame: from when the camera sent it until it was here, milliseconds. */
  readonly delaysMs: number[] = [];
  /** From asking to the first key fragment. */
  firstPictureMs: number | null = null;
  /** Fragments left out because this viewer was too slow. */
  skipped = 0;
  readonly #socket: WebSocket;
  #askedAt = 0;

  constructor(recorder: Recorder, camera: string) {
    const address = `${recorder.address.replace('http', 'ws')}/api/v1/live`;
    this.#socket = new WebSocket(address, { headers: { authorization: AUTHORIZATION } });
    this.#socket.on('open', () => {
      this.#askedAt = performance.now();
      this.#socket.send(JSON.stringify({ type: 'subscribe', camera }));
    });
    this.#socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) void this.#takeMedia(data);
      else this.#takeText(JSON.parse(String(data)));
    });
    // Without a viewer the counts say enough.
    this.#socket.on('error', () => undefined);
  }

  close(): void {
    this.#socket.terminate();
  }

  #takeText(message: { readonly type: string; readonly fragments?: number }): void {
    if (message.type === 'skipped') this.skipped += message.fragments ?? 0;
  }

  async #takeMedia(data: Buffer): Promise<void> {
    const kind = data[1];
    if (kind === MEDIA_KINDS.init) return;
    const now = Date.now();
    const shownAt = performance.now();
    if (kind === MEDIA_KINDS.key) this.firstPictureMs ??= shownAt - this.#askedAt;
    // Whoever begins to look is sent what there is since the newest keyframe at once: late on purpose.
    if (shownAt - this.#askedAt < BEGINNING_MS) return;
    const stamps = await readStamps(data.subarray(HEADER_BYTES));
    for (const { sentMs } of stamps) this.delaysMs.push(now - sentMs);
  }
}
