/** A door to a port of the loopback whose connections can be cut as by a pulled cable: neither side is told anything. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface StuckDoor {
  /** e.g. `http://127.0.0.1:40001`. */
  readonly address: string;
  /** From now on nothing passes over the connections there are; new ones are as before. */
  cut(): void;
  close(): void;
}

/** @param port where what comes in is passed on to */
export async function startStuckDoor(port: number): Promise<StuckDoor> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((client) => {
    const target = connect(port, '127.0.0.1');
    const pair = [client, target] as const;
    pairs.add(pair);
    for (const socket of pair) socket.on('error', () => undefined);
    client.on('close', () => {
      pairs.delete(pair);
      target.destroy();
    });
    target.on('close', () => {
      if (pairs.has(pair)) client.destroy();
    });
    client.pipe(target);
    target.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${own}`,
    cut() {
      for (const [client, target] of pairs) {
        client.unpipe();
        target.unpipe();
        client.pause();
        target.pause();
      }
      pairs.clear();
    },
    close: () => server.close(),
  };
}
