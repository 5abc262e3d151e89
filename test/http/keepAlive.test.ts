import { EventEmitter } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { keepAlive } from '../../src/http/keepAlive.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** The part of a WebSocket that matters here. */
function connection() {
  vi.useFakeTimers();
  const socket = Object.assign(new EventEmitter(), {
    bufferedAmount: 0,
    ping: vi.fn(),
    terminate: vi.fn(),
  });
  return { socket, stop: keepAlive(socket as unknown as WebSocket) };
}

it('ends a connection whose other end answers no ping', () => {
  const { socket, stop } = connection();
  vi.advanceTimersByTime(15_000);
  socket.emit('pong');
  vi.advanceTimersByTime(15_000);
  expect(socket.ping).toHaveBeenCalledTimes(2);
  expect(socket.terminate).not.toHaveBeenCalled();
  vi.advanceTimersByTime(15_000);
  expect(socket.terminate).toHaveBeenCalledTimes(1);
  stop();
});

it('ends a connection that takes nothing, although it answers pings that it was not sent', () => {
  const { socket, stop } = connection();
  socket.bufferedAmount = 200 * 2 ** 20;
  socket.emit('pong');
  vi.advanceTimersByTime(15_000);
  expect(socket.terminate).toHaveBeenCalledTimes(1);
  stop();
});
