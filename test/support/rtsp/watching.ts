/** What both kinds of server do alike: URLs, and waiting for clients. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Credentials, RtspServer, WaitOptions } from './types.ts';

const POLL_MS = 20;

/** The URL of the camera at `path`, with percent-encoded credentials when they are given. */
export function cameraUrl(
  { host, port }: Pick<RtspServer, 'host' | 'port'>,
  path: string,
  credentials?: Credentials,
): string {
  const [username, password] = [credentials?.username ?? '', credentials?.password ?? ''].map(
    encodeURIComponent,
  );
  const user = credentials === undefined ? '' : `${username}:${password}@`;
  return `rtsp://${user}${host}:${port}/${path}`;
}

/** Waits until at least `count` clients are playing; throws when they are not in time. */
export async function waitForClients(
  server: Pick<RtspServer, 'counters'>,
  count: number,
  { camera, timeoutMs = 10_000 }: WaitOptions = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const counters = await server.counters();
    const watched = counters.filter(({ path }) => camera === undefined || path === camera);
    const clients = watched.reduce((sum, counter) => sum + counter.clients, 0);
    if (clients >= count) return;
    if (performance.now() > deadline)
      throw new Error(`${clients} of ${count} clients within ${timeoutMs} ms.`);
    await delay(POLL_MS);
  }
}
