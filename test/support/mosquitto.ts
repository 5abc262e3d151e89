/** A real MQTT broker of Debian's, on a free port of the loopback interface, and a listener to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';

export interface BrokerOptions {
  readonly port?: number;
  /** Further lines of its configuration. */
  readonly lines?: readonly string[];
  /** Files beside the configuration, by name; `%` in a line is their folder. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface Broker {
  readonly port: number;
  stop(): Promise<void>;
}

const { PATH = '' } = process.env;

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const { port = await freePort(), lines = ['allow_anonymous true'], files = {} } = options;
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-broker-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  // Started as root it would become a user who may not read its files.
  const config = [`user ${userInfo().username}`, `listener ${port} 127.0.0.1`, ...lines]
    .join('\n')
    .replaceAll('%', folder);
  writeFileSync(join(folder, 'broker.conf'), `${config}\n`);
  const child = spawn('mosquitto', ['-c', join(folder, 'broker.conf')], {
    env: { PATH: `${PATH}:/usr/sbin` },
    stdio: 'ignore',
  });
  const stop = async (): Promise<void> => {
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await reachable(port, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, stop };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function reachable(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200 && child.exitCode === null; tries += 1) {
    const socket = connectTcp(port, '127.0.0.1');
    const good = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (good) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The broker did not start.');
}

/** Hears everything that is published. */
export async function listenTo(port: number, options: IClientOptions = {}) {
  const client: MqttClient = connect(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, ...options });
  const heard: { topic: string; text: string; retained: boolean }[] = [];
  client.on('message', (topic, payload, { retain }) =>
    heard.push({ topic, text: payload.toString(), retained: retain }),
  );
  await new Promise<void>((resolve) => client.once('connect', () => resolve()));
  await client.subscribeAsync('#');
  return {
    heard,
    /** The newest of a topic; null before the first. */
    last: (topic: string) => heard.findLast((each) => each.topic === topic)?.text ?? null,
    publish: (topic: string, text: string) => client.publishAsync(topic, text, { qos: 1 }),
    close: () => client.endAsync(true),
  };
}

/** A way to a broker that can be cut. */
export async function startCable(to: number) {
  const ends = new Set<Socket>();
  const server = createServer((near) => {
    const far = connectTcp(to, '127.0.0.1');
    for (const end of [near, far]) ends.add(end.on('error', () => undefined));
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut() {
      server.close();
      for (const end of ends) end.destroy();
    },
  };
}
