/**
 * An RTSP server of simulated cameras (RTSP 1.0, RFC 2326). Nothing is encoded or parsed while it runs, so that
 * many cameras cost little; faults are caused by the test that owns it.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { gateFor } from './auth.ts';
import { Camera } from './camera.ts';
import { Client } from './client.ts';
import type { Credentials, Fault, RtspServer, RtspServerOptions, WaitOptions } from './types.ts';
import { cameraUrl, waitForClients } from './watching.ts';

/** How often frames that have become due are sent; small beside the 40 ms between frames. */
const PUMP_INTERVAL_MS = 10;

/**
 * Starts a server inside this process, with its footage made. Throws when the port is taken, an encoder is
 * missing or two cameras share a path.
 */
export async function startRtspServer(options: RtspServerOptions): Promise<RtspServer> {
  const cameras = await Promise.all(
    options.cameras.map((camera, index) =>
      Camera.load({ number: index + 1, ...camera }, options.stamp ?? false),
    ),
  );
  if (new Set(cameras.map(({ path }) => path)).size < cameras.length)
    throw new Error('Two cameras share a path.');
  const server = new InProcessServer(options, cameras);
  await server.restart();
  return server;
}

class InProcessServer implements RtspServer {
  readonly host: string;
  readonly #options: RtspServerOptions;
  readonly #cameras: ReadonlyMap<string, Camera>;
  readonly #clients = new Set<Client>();
  #port: number;
  #listener: Server | undefined;
  #pump: NodeJS.Timeout | undefined;

  constructor(options: RtspServerOptions, cameras: readonly Camera[]) {
    this.host = options.host ?? '127.0.0.1';
    this.#options = options;
    this.#port = options.port ?? 0;
    this.#cameras = new Map(cameras.map((camera) => [camera.path, camera]));
  }

  get port(): number {
    return this.#port;
  }

  url(path: string, credentials?: Credentials): string {
    return cameraUrl(this, path, credentials);
  }

  async fault(fault: Fault, path?: string): Promise<void> {
    const cameras = [...this.#cameras.values()].filter(
      (camera) => path === undefined || camera.path === path,
    );
    if (cameras.length === 0) throw new Error(`There is no camera ${path}.`);
    await Promise.all(cameras.map((camera) => camera.apply(fault)));
  }

  counters() {
    return Promise.resolve([...this.#cameras.values()].map(({ counters }) => counters));
  }

  waitForClients(count: number, options?: WaitOptions): Promise<void> {
    return waitForClients(this, count, options);
  }

  async restart(): Promise<void> {
    if (this.#listener !== undefined) throw new Error('The server is running.');
    for (const camera of this.#cameras.values()) camera.reboot();
    const gate = gateFor(this.#options.auth ?? { scheme: 'none' });
    const site = { host: this.host, cameras: this.#cameras, gate };
    const listener = createServer((socket) => {
      const client = new Client(socket, site);
      this.#clients.add(client);
      socket.on('close', () => this.#clients.delete(client));
    });
    const listening = once(listener, 'listening');
    listener.listen(this.#port, this.host, 1024);
    await listening;
    const address = listener.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
    this.#listener = listener;
    this.#pump = setInterval(() => {
      for (const client of this.#clients) client.pump();
    }, PUMP_INTERVAL_MS);
  }

  async kill(): Promise<void> {
    clearInterval(this.#pump);
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener === undefined) return;
    const closed = once(listener, 'close');
    listener.close();
    for (const client of this.#clients) client.reset();
    await closed;
    for (const camera of this.#cameras.values()) camera.reboot();
  }

  close(): Promise<void> {
    return this.kill();
  }
}
