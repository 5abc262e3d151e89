/** What keeps the recorder from starting: said in a sentence, with the exit code that is meant for it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort, runToEnd, startRecorder } from '../support/recorder.ts';

/** Settings that are in order, in a folder of their own. */
async function settings() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'nightjar-e2e-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [media, state] = ['media', 'state'].map((name) => path.join(folder, name));
  for (const one of [media, state]) mkdirSync(one ?? '');
  return { MEDIA_DIR: media ?? '', STATE_DIR: state ?? '', PORT: String(await freePort()) };
}

test('the port is in use', async () => {
  const given = await settings();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(Number(given.PORT), '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const { code, stderr } = await runToEnd(given);
  expect(stderr).toBe(
    `nightjar: Can’t listen on 127.0.0.1:${given.PORT}: the port is in use by another program.\n`,
  );
  expect(code).toBe(69);
});

test.each(['MEDIA_DIR', 'STATE_DIR'] as const)('%s lies in a folder that is not there', async (name) => {
  const given = await settings();
  const missing = path.join(given[name], 'not', 'there');
  const { code, stderr } = await runToEnd({ ...given, [name]: missing });
  expect(stderr).toMatch(/^nightjar: [^\n]*\n$/);
  expect(stderr).toContain(path.dirname(missing));
  expect(code).toBe(69);
});

test.each(['MEDIA_DIR', 'STATE_DIR'] as const)('%s is a file', async (name) => {
  const given = await settings();
  const file = path.join(given[name], 'file');
  writeFileSync(file, '');
  const { code, stderr } = await runToEnd({ ...given, [name]: file });
  expect(stderr).toBe(`nightjar: ${file} is not a folder.\n`);
  expect(code).toBe(69);
});

test('MEDIA_DIR can not be written', async () => {
  // Not even root creates a file there.
  const { code, stderr } = await runToEnd({ ...(await settings()), MEDIA_DIR: '/sys' });
  expect(stderr).toMatch(/^nightjar: [^\n]*\/sys[^\n]*\n$/);
  expect(code).toBe(69);
});

test('a second recorder on the same folders', async () => {
  const nvr = await startRecorder();
  onTestFinished(() => nvr.discard());
  const given = { MEDIA_DIR: nvr.mediaDir, STATE_DIR: nvr.stateDir, PORT: String(await freePort()) };
  const { code, stderr } = await runToEnd(given);
  expect(stderr).toMatch(/^nightjar: [^\n]*\n$/);
  expect(code).toBe(73);
  expect((await nvr.ask('GET', '/cameras')).status).toBe(200);
});

test('a setting that does not exist', async () => {
  const { code, stderr } = await runToEnd({ ...(await settings()), MEDIA_DRI: '/x' });
  expect(stderr).toBe('nightjar: There is no setting NIGHTJAR_MEDIA_DRI.\n');
  expect(code).toBe(64);
});
