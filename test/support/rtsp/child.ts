/** The program of a server in a process of its own: options come as the argument, orders over IPC. */
import { messageOf } from '../../../src/domain/errors.ts';
import { startRtspServer } from './server.ts';
import type { CameraCounters, Fault, RtspServer, RtspServerOptions } from './types.ts';

/** An order to the server's process. */
export type Order = { readonly id: number } & (
  | { readonly kind: 'fault'; readonly fault: Fault; readonly path?: string }
  | { readonly kind: 'counters' }
);

/** What the server's process says: that it listens, or how an order went. */
export type Report =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'done'; readonly id: number; readonly counters?: readonly CameraCounters[] }
  | { readonly kind: 'refused'; readonly id: number; readonly message: string };

function report(message: Report): void {
  process.send?.(message);
}

async function obey(server: RtspServer, order: Order): Promise<void> {
  try {
    if (order.kind === 'fault') await server.fault(order.fault, order.path);
    const counters = order.kind === 'counters' ? { counters: await server.counters() } : {};
    report({ kind: 'done', id: order.id, ...counters });
  } catch (error) {
    report({ kind: 'refused', id: order.id, message: messageOf(error) });
  }
}

// Without its owner there is nobody left to stop it.
process.on('disconnect', () => process.exit());

const options: RtspServerOptions = JSON.parse(process.argv[2] ?? '{}');
try {
  const server = await startRtspServer(options);
  process.on('message', (order: Order) => void obey(server, order));
  report({ kind: 'listening', port: server.port });
} catch (error) {
  report({ kind: 'failed', message: messageOf(error) });
  process.disconnect();
}
