/** `nightjar record` on a real terminal: its line in wide and narrow windows, Ctrl-C, and what is left on the screen. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { builtProgram } from '../support/product.ts';
import { eventually, patience } from '../support/recorder.ts';

const run = promisify(execFile);

test('draws one line, whatever the window, and ends the file at Ctrl-C', {
  timeout: 120_000,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-terminal-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const socket = join(folder, 'tmux');
  const file = join(folder, 'taken.mp4');
  const tmux = async (...args: string[]) => (await run('tmux', ['-S', socket, ...args])).stdout;
  const screen = async () => (await tmux('capture-pane', '-p')).split('\n').filter((line) => line !== '');
  try {
    execFileSync('tmux', ['-V']);
  } catch {
    context.skip('tmux, in which a terminal is to be had, is not installed');
  }

  const command = `${process.execPath} ${await builtProgram()} record --test --duration 60 --output ${file}`;
  await tmux('new-session', '-d', '-x', '100', '-y', '20', `${command}; echo ended with $?; read wait`);
  onTestFinished(async () => void (await tmux('kill-server').catch(() => '')));
  const shows = (pattern: RegExp) => async () => {
    const lines = await screen();
    return lines.some((line) => pattern.test(line)) && lines;
  };
  const wide = await eventually('the bar', shows(/^[█░]{30} .* of 60 s {2}\d+ frames/), patience(20_000));
  expect(wide).toHaveLength(1);
  await tmux('resize-window', '-x', '40');
  const narrow = await eventually(
    'a short bar',
    shows(/^(?:[█░]{5,10} )?\d\S+ of 60 s {2}\d+ frames/),
    patience(20_000),
  );
  expect(narrow.filter((line) => line.includes('frames')).length).toBeLessThanOrEqual(2);
  const [later] = (
    await eventually('another second', shows(/^\S* ?[2-9]\.\d of 60 s/), patience(20_000))
  ).slice(-1);
  expect(later).toMatch(/frames/);
  expect((await screen()).filter((line) => line.includes('frames')).length).toBe(
    narrow.filter((line) => line.includes('frames')).length,
  );

  await tmux('resize-window', '-x', '200');
  await tmux('send-keys', 'C-c');
  const ended = await eventually('the end', shows(/ended with/), patience(30_000));
  expect(ended.at(-1)).toBe('ended with 0');
  expect(ended.at(-2)).toMatch(/^\S+taken\.mp4: h264 1280x720, \d+\.\d s, \d+ frames, [\d.]+ MB$/);
  await run('ffmpeg', ['-v', 'error', '-xerror', '-i', file, '-f', 'null', '-']);
});
