/** `nightjar serve` around a start that is made up: when it listens to signals. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Running, serveCommand } from '../../src/cli/serve.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-serve-'));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});

afterEach(() => {
  vi.restoreAllMocks();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.removeAllListeners(signal);
  rmSync(folder, { recursive: true });
});

const flags = () => ['--media-dir', folder, '--state-dir', folder, '--log-level', 'error'];

function running(close: () => Promise<void>): Running {
  return {
    address: 'http://127.0.0.1:1',
    fingerprint: null,
    firstUser: null,
    reload: async () => undefined,
    close,
  };
}

it('that is told to stop while it starts stops in order when it has', async () => {
  let started: (app: Running) => void = () => undefined;
  const close = vi.fn(async () => undefined);
  const code = serveCommand(
    () =>
      new Promise((resolve) => {
        started = resolve;
      }),
  ).run(flags());
  expect(process.listenerCount('SIGTERM')).toBe(1);
  process.emit('SIGTERM', 'SIGTERM');
  expect(close).not.toHaveBeenCalled();
  started(running(close));
  expect(await code).toBe(0);
  expect(close).toHaveBeenCalledOnce();
});

it('that cannot start says why, also when it was told to stop', async () => {
  const code = serveCommand(async () => {
    process.emit('SIGINT', 'SIGINT');
    throw new Error('The port is taken.');
  }).run(flags());
  await expect(code).rejects.toThrow('The port is taken.');
});
