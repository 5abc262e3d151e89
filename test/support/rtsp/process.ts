/**
 * The camera server in a process of its own: its work is not counted with that of the process under test, and
 * it can be killed as a power cut kills a camera. The program is bundled into one file in `.cache/`.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { cachedFile } from '../cacheFolder.ts';
import type { Order, Report } from './child.ts';
import type {
  CameraCounters,
  Credentials,
  Fault,
  RtspServer,
  RtspServerOptions,
  WaitOptions,
} from './types.ts';
import { cameraUrl, waitForClients } from './watching.ts';

/** A server whose `kill` is SIGKILL. */
export interface SpawnedRtspServer extends RtspServer {
  /** Of the process that runs now; undefined between `kill` and `restart`. */
  readonly pid: number | undefined;
}

/** Starts a server in a process of its own; it ends with this process. Throws what `startRtspServer` throws. */
export async function spawnRtspServer(options: RtspServerOptions): Promise<SpawnedRtspServer> {
  const server = new SpawnedServer(options, await bundle());
  await server.restart();
  return server;
}

/** The path of the bundled program, named after its content. */
async function bundle(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'node20',
      ssr: fileURLToPath(new URL('child.ts', import.meta.url)),
    },
  });
  const code = 'output' in built ? built.output[0].code : undefined;
  if (code === undefined) throw new Error('The bundler gave no program.');
  const digest = createHash('sha256').update(code).digest('hex').slice(0, 12);
  return await cachedFile(`rtsp-server/${digest}.mjs`, (temporary) => writeFile(temporary, code));
}

interface Waiting {
  readonly resolve: (counters: readonly CameraCounters[]) => void;
  readonly reject: (error: Error) => void;
}

type Command<T = Order> = T extends Order ? Omit<T, 'id'> : never;

class SpawnedServer implements SpawnedRtspServer {
  readonly host: string;
  readonly #options: RtspServerOptions;
  readonly #program: string;
  readonly #waiting = new Map<number, Waiting>();
  #port: number;
  #child: ChildProcess | undefined;
  #orders = 0;

  constructor(options: RtspServerOptions, program: string) {
    this.host = options.host ?? '127.0.0.1';
    this.#port = options.port ?? 0;
    this.#options = options;
    this.#program = program;
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  url(path: string, credentials?: Credentials): string {
    return cameraUrl(this, path, credentials);
  }

  async fault(fault: Fault, path?: string): Promise<void> {
    await this.#order({ kind: 'fault', fault, ...(path === undefined ? {} : { path }) });
  }

  counters(): Promise<readonly CameraCounters[]> {
    return this.#order({ kind: 'counters' });
  }

  waitForClients(count: number, options?: WaitOptions): Promise<void> {
    return waitForClients(this, count, options);
  }

  async restart(): Promise<void> {
    if (this.#child !== undefined) throw new Error('The server is running.');
    const options = { ...this.#options, port: this.#port };
    const child = fork(this.#program, [JSON.stringify(options)], { execArgv: [] });
    child.once('exit', () => this.#ended(child));
    this.#child = child;
    this.#port = await new Promise((resolve, reject) => {
      child.on('message', (report: Report) => {
        if (report.kind === 'listening') resolve(report.port);
        else if (report.kind === 'failed') reject(new Error(report.message));
        else this.#settle(report);
      });
      child.once('exit', () => reject(new Error('The camera server ended before it listened.')));
    });
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  close(): Promise<void> {
    return this.kill();
  }

  #order(command: Command): Promise<readonly CameraCounters[]> {
    return new Promise((resolve, reject) => {
      if (this.#child === undefined) throw new Error('The server is not running.');
      this.#orders += 1;
      this.#waiting.set(this.#orders, { resolve, reject });
      this.#child.send({ id: this.#orders, ...command });
    });
  }

  #settle(report: Extract<Report, { id: number }>): void {
    const waiting = this.#waiting.get(report.id);
    this.#waiting.delete(report.id);
    if (report.kind === 'done') waiting?.resolve(report.counters ?? []);
    else waiting?.reject(new Error(report.message));
  }

  #ended(child: ChildProcess): void {
    if (this.#child === child) this.#child = undefined;
    for (const { reject } of this.#waiting.values()) reject(new Error('The camera server has ended.'));
    this.#waiting.clear();
  }
}
