/** The way of bytes out of GStreamer, with a real FIFO and whoever else holds it open. */
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Fifo } from '../../src/media/fifo.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'nightjar-fifo-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** As much as fits into a pipe. */
const CONTENT = Buffer.from(Array.from({ length: 60_000 }, (_, index) => index % 251));

function read(fifo: Fifo): () => Buffer {
  const chunks: Buffer[] = [];
  fifo.read((chunk) => chunks.push(chunk));
  return () => Buffer.concat(chunks);
}

test('everything is delivered before drain resolves, and stays as it came', async () => {
  const fifo = await Fifo.create(path.join(folder, 'all'));
  const writer = openSync(fifo.path, constants.O_WRONLY);
  const got = read(fifo);
  for (let round = 0; round < 40; round++) {
    writeSync(writer, CONTENT);
    await new Promise((resolve) => setImmediate(resolve));
    await expect.poll(() => got().length).toBe((round + 1) * CONTENT.length);
  }
  writeSync(writer, CONTENT);
  closeSync(writer);
  await fifo.drain();
  expect(got().equals(Buffer.concat(Array.from({ length: 41 }, () => CONTENT)))).toBe(true);
});

test('drain resolves although a child process holds the write end, and after the last byte', async () => {
  const fifo = await Fifo.create(path.join(folder, 'held'));
  const child = openSync(fifo.path, constants.O_WRONLY);
  const writer = openSync(fifo.path, constants.O_WRONLY);
  const got = read(fifo);
  writeSync(writer, CONTENT);
  closeSync(writer);
  const drained = fifo.drain();
  // The event loop is held up: what is written must not be taken for silence.
  const until = performance.now() + 200;
  while (performance.now() < until);
  await drained;
  expect(got().equals(CONTENT)).toBe(true);
  closeSync(child);
});

test('what was written before anybody read is delivered by drain', async () => {
  const fifo = await Fifo.create(path.join(folder, 'late'));
  const writer = openSync(fifo.path, constants.O_WRONLY);
  writeSync(writer, CONTENT);
  closeSync(writer);
  const got = read(fifo);
  await fifo.drain();
  expect(got().equals(CONTENT)).toBe(true);
});
