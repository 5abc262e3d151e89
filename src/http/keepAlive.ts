/** Ends WebSockets whose other end is gone without a word. */
import type { WebSocket } from 'ws';

const PING_EVERY_MS = 15_000;

/** Ends a connection that answers no ping until the next one; gives the function that stops asking. */
export function keepAlive(socket: WebSocket): () => void {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  const timer = setInterval(() => {
    if (!answered) {
      socket.terminate();
      return;
    }
    answered = false;
    socket.ping();
  }, PING_EVERY_MS);
  return () => clearInterval(timer);
}
