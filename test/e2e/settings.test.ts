/** Settings of one real recorder brought to itself again, and cameras copied and changed together. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { ImportPlan, SettingsFile } from '../../src/http/wire/settings.ts';
import { builtProgram } from '../support/product.ts';
import { AUTHORIZATION, type Recorder, startRecorder } from '../support/recorder.ts';

const run = promisify(execFile);

let recorder: Recorder;
beforeEach(async () => {
  recorder = await startRecorder();
});
afterEach(() => recorder.discard());

async function ask<T>(method: string, address: string, body?: object): Promise<T> {
  const answer = await fetch(`${recorder.address}/api/v1${address}`, {
    method,
    headers: { authorization: AUTHORIZATION, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(answer.ok, `${method} ${address} ${answer.status}`).toBe(true);
  const json: T = JSON.parse(await answer.text());
  return json;
}

test('a recorder gives its settings and takes them back', async () => {
  const source = { kind: 'rtsp', url: 'rtsp://ann:hidden-word@127.0.0.1:9/a' };
  await ask('POST', '/cameras', { id: 'door', name: 'Door', enabled: false, source, position: 1 });
  const copy = await ask<{ id: string }>('POST', '/cameras/door/clone', { name: 'Back door' });
  const patch = { group: 'House', tags: ['door'] };
  await ask('POST', '/cameras/bulk', { cameras: ['door', copy.id], patch });
  const settings = await ask<SettingsFile>('POST', '/settings/export', {
    passphrase: 'correct horse battery',
  });
  expect(JSON.stringify(settings)).not.toContain('hidden-word');
  const ours = settings.cameras.filter(({ group }) => group === 'House');
  expect(ours.map(({ id }) => id)).toEqual(['door', copy.id]);

  await ask('PATCH', '/cameras/door', { name: 'Gate' });
  const body = { settings, passphrase: 'correct horse battery' };
  const trial = await ask<ImportPlan>('POST', '/settings/import?dryRun=1', body);
  expect(trial.steps.filter(({ action }) => action !== 'leave')).toEqual([
    { kind: 'camera', name: 'door', action: 'change', fields: ['name'] },
  ]);
  expect(await ask('GET', '/cameras/door')).toMatchObject({ name: 'Gate' });
  expect(await ask('POST', '/settings/import', body)).toEqual({ ...trial, done: true });
  expect(await ask('GET', '/cameras/door')).toMatchObject({ name: 'Door', source: { hasPassword: true } });
  const { cameras } = await ask<{ cameras: readonly { id: string }[] }>('GET', '/cameras');
  expect(cameras.slice(0, 2).map(({ id }) => id)).toEqual([copy.id, 'door']);
});

test('the command line takes the settings of a recorder that runs, and brings them back', async () => {
  await ask('POST', '/cameras', { id: 'door', name: 'Door', enabled: false, source: { kind: 'test' } });
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [file, login] = [join(folder, 'settings.json'), join(folder, 'login')];
  writeFileSync(login, Buffer.from(AUTHORIZATION.replace('Basic ', ''), 'base64'), { mode: 0o600 });
  const program = await builtProgram();
  const nightjar = (...argv: string[]) =>
    run(process.execPath, [program, 'settings', ...argv, '--recorder', recorder.address, '--login', login]);
  await nightjar('export', file);
  await ask('PATCH', '/cameras/door', { name: 'Gate' });
  expect((await nightjar('import', file, '--trial')).stdout).toContain('change  camera   door: name\n');
  expect(await ask('GET', '/cameras/door')).toMatchObject({ name: 'Gate' });
  expect((await nightjar('import', file)).stdout).toContain('1 changes.');
  expect(await ask('GET', '/cameras/door')).toMatchObject({ name: 'Door' });
  writeFileSync(login, 'admin:wrong');
  await expect(nightjar('import', file)).rejects.toMatchObject({
    code: 77,
    stderr: 'nightjar: The user name or the password is wrong.\n',
  });
});
