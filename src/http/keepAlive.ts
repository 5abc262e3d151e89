/** Ends WebSockets whose other end is gone without a word. */
import type { WebSocket } from 'ws';

const PING_EVERY_MS = 15_000;
/** More than anybody who reads has on its way: what a client asks for, its own pings included, is answered into memory. */
const MOST_QUEUED_BYTES = 128 * 2 ** 20;

/** Ends a connection that answers no ping until the next one, or takes nothing; gives the function that stops asking. */
export function keepAlive(socket: WebSocket): () => void {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  const timer = setInterval(() => {
    if (!answered || socket.bufferedAmount > MOST_QUEUED_BYTES) {
      socket.terminate();
      return;
    }
    answered = false;
    socket.ping();
  }, PING_EVERY_MS);
  return () => clearInterval(timer);
}
