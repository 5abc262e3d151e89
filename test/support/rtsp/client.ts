/** One TCP connection and the RTSP session in it. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Gate } from './auth.ts';
import type { Camera, Watcher } from './camera.ts';
import { type Request, responseText, takeMessage } from './messages.ts';
import { answer } from './methods.ts';
import type { Sender } from './sender.ts';

/** What every connection of a server shares. */
export interface Site {
  readonly host: string;
  readonly cameras: ReadonlyMap<string, Camera>;
  readonly gate: Gate;
}

export class Client implements Watcher {
  readonly site: Site;
  readonly socket: Socket;
  readonly sessionId = randomBytes(8).toString('hex');
  /** What was set up, by the number of the track. */
  readonly senders = new Map<number, Sender>();
  #camera: Camera | undefined;
  #startedAt: number | undefined;
  #unread: Buffer = Buffer.alloc(0);
  /** Requests are answered one after the other. */
  #answered: Promise<void> = Promise.resolve();

  constructor(socket: Socket, site: Site) {
    this.socket = socket;
    this.site = site;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', () => {});
    socket.on('close', () => this.#leave());
  }

  get playing(): boolean {
    return this.#startedAt !== undefined;
  }

  /** The camera that the first request named. */
  get camera(): Camera | undefined {
    return this.#camera;
  }

  /** Makes this connection one of the camera's. */
  watch(camera: Camera): void {
    if (this.#camera !== undefined || this.socket.destroyed) return;
    this.#camera = camera;
    camera.watchers.add(this);
  }

  /** Begins to send what was set up. */
  play(): void {
    if (this.playing) return;
    for (const sender of this.senders.values()) sender.start();
    this.#startedAt = performance.now();
    this.#camera?.countPlay();
  }

  /** Ends the session; the connection stays. */
  stop(): void {
    this.#startedAt = undefined;
    for (const sender of this.senders.values()) sender.outlet.close();
    this.senders.clear();
  }

  /** Sends what is due now. */
  pump(): void {
    if (this.#startedAt === undefined || this.#camera?.faults.stalled) return;
    const elapsedMs = performance.now() - this.#startedAt;
    for (const sender of this.senders.values()) sender.pump(elapsedMs);
  }

  reset(): void {
    this.stop();
    this.socket.resetAndDestroy();
  }

  end(): void {
    this.stop();
    this.socket.end();
  }

  drop(frames: number): void {
    for (const sender of this.senders.values()) sender.drop(frames);
  }

  #leave(): void {
    this.stop();
    this.#camera?.watchers.delete(this);
  }

  #receive(bytes: Buffer): void {
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    try {
      for (let taken = takeMessage(this.#unread); taken !== undefined; taken = takeMessage(this.#unread)) {
        this.#unread = taken.rest;
        if (taken.request !== undefined) this.#enqueue(taken.request);
      }
    } catch {
      this.socket.destroy();
    }
  }

  #enqueue(request: Request): void {
    this.#answered = this.#answered.then(() => this.#answer(request)).catch(() => this.reset());
  }

  async #answer(request: Request): Promise<void> {
    const response = await answer(this, request);
    if (response === undefined || !this.socket.writable) return;
    this.socket.write(responseText(response, request.headers.get('cseq') ?? '0'));
    if (request.method === 'PLAY' && response.status === 200) this.play();
    if (response.status === 503) this.end();
  }
}
