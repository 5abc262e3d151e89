import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, onTestFinished, vi } from 'vitest';
import { runId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import { REQUIRED_ELEMENTS } from '../../src/media/elements.ts';
import { startGst } from '../../src/media/gst.ts';
import { StreamRun } from '../../src/media/run.ts';
import { Tap } from '../../src/media/tap.ts';
import type { Fragment } from '../../src/mp4/types.ts';

startGst(REQUIRED_ELEMENTS);
const folder = mkdtempSync(join(tmpdir(), 'nightjar-tap-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A run of the test pattern, with what it delivered. */
async function play(tap: Tap) {
  const fragments: Fragment[] = [];
  const ended = vi.fn();
  const run = await StreamRun.open(
    {
      runId: runId(randomUUID()),
      source: { kind: 'test', width: 320, height: 180, fps: 25 },
      format: { video: { codec: 'h264', width: 320, height: 180, fps: 25 }, audio: null },
      runtimeDir: folder,
      fragmentMs: 250,
      queueMs: 5_000,
      clock: { now: () => epochMs(Date.now()), monotonic: () => performance.now() },
      tap,
    },
    { onBegin: () => {}, onFragment: (fragment) => fragments.push(fragment), onEnd: ended },
  );
  onTestFinished(() => run.end());
  return { run, fragments, ended };
}

/** A socket on the loopback interface that keeps the RTP packets it gets. */
async function listen() {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const packets: Buffer[] = [];
  socket.on('message', (packet) => packets.push(packet));
  onTestFinished(() => void socket.close());
  return { packets, ports: { video: socket.address().port, audio: null } };
}

const markers = (packets: readonly Buffer[]) => packets.filter((each) => ((each[1] ?? 0) & 0x80) !== 0);

it('sends each frame at once as RTP, while somebody listens, over all runs', {
  timeout: 30_000,
}, async () => {
  const tap = new Tap();
  const first = await play(tap);
  await vi.waitUntil(() => first.fragments.length > 0, 10_000);
  const listener = await listen();
  const leave = tap.listen(listener.ports);
  await vi.waitUntil(() => markers(listener.packets).length >= 25, 10_000);
  expect(listener.packets.every((packet) => packet[0] === 0x80 && ((packet[1] ?? 0) & 0x7f) === 96)).toBe(
    true,
  );

  await first.run.end();
  expect(first.ended).toHaveBeenCalledWith(null);
  await play(tap);
  const sofar = listener.packets.length;
  await vi.waitUntil(() => listener.packets.length > sofar + 25, 10_000);

  const other = await listen();
  const leaveOther = tap.listen(other.ports);
  leave();
  leaveOther();
  const rest = listener.packets.length;
  const third = await play(new Tap());
  await vi.waitUntil(() => third.fragments.length >= 3, 10_000);
  // What was on its way when the valve closed.
  expect(listener.packets.length - rest).toBeLessThan(5);
});

it('goes on recording every frame when a listener is gone or reads nothing', {
  timeout: 30_000,
}, async () => {
  const tap = new Tap();
  const { run, fragments, ended } = await play(tap);
  const listener = await listen();
  tap.listen({ video: 1, audio: null });
  tap.listen({ video: 9, audio: 9 });
  tap.listen(listener.ports);
  await vi.waitUntil(() => fragments.length >= 12, 10_000);
  await run.end();
  expect(ended).toHaveBeenCalledExactlyOnceWith(null);
  const ends = fragments.map((each) => each.startTicks + each.durationTicks);
  expect(fragments.slice(1).map((each) => each.startTicks)).toEqual(ends.slice(0, -1));
});
