/**
 * Plants a marker wherever the recorder takes a secret, lets it use them, and searches all that the process wrote,
 * answered and shows of itself.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AUTHORIZATION, eventually, type Recorder, startRecorder } from '../support/recorder.ts';

const MARKER = 'marker-pa55word';
/** As it goes over the wire. */
const ENCODED = Buffer.from(`ann:${MARKER}`).toString('base64');
const FORMS = [MARKER, ENCODED, encodeURIComponent(MARKER), Buffer.from(MARKER).toString('hex')];

let recorder: Recorder;
let heard = '';
/** A camera that asks for a password, and never finds it right. */
const camera = createServer((socket) => {
  socket.on('error', () => {});
  socket.setEncoding('utf8').on('data', (request: string) => {
    heard += request;
    const sequence = /CSeq: *(\d+)/i.exec(request)?.[1] ?? '1';
    socket.write(
      `RTSP/1.0 401 Unauthorized\r\nCSeq: ${sequence}\r\nWWW-Authenticate: Basic realm="a"\r\n\r\n`,
    );
  });
});
beforeEach(async () => {
  await new Promise<void>((resolve) => camera.listen(0, '127.0.0.1', resolve));
  recorder = await startRecorder({ settings: { LOG_LEVEL: 'trace' } });
});
afterEach(async () => {
  await recorder.discard();
  camera.close();
});

function post(address: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${recorder.address}/api/v1${address}`, {
    method: 'POST',
    headers: { authorization: AUTHORIZATION, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** Everything below a folder, but the key, as text. */
function everythingIn(folder: string): readonly (readonly [string, string])[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files
    .filter(({ name }) => name !== 'secrets.key')
    .map(({ parentPath, name }) => [name, readFileSync(path.join(parentPath, name), 'latin1')]);
}

test('a secret is in nothing that the process writes, answers or shows', async () => {
  const { port } = camera.address() as AddressInfo;
  const answers: string[] = [];
  const tell = async (response: Promise<Response>) => answers.push(await (await response).text());
  const source = { kind: 'rtsp', url: `rtsp://ann:${MARKER}@127.0.0.1:${port}/a` };
  await tell(post('/cameras', { name: 'Locked', id: 'locked', source }));
  await tell(post('/cameras', { name: 'Wrong', source: { ...source, url: `gopher://ann:${MARKER}@h/` } }));
  await tell(post('/probe', { source }));
  await tell(post('/users', { name: 'eve', password: MARKER, role: 'viewer' }));
  await tell(post('/session', { name: 'eve', password: MARKER }, { authorization: '' }));
  await tell(post('/session', { name: MARKER, password: MARKER }, { authorization: '' }));
  await tell(fetch(`${recorder.address}/api/v1/cameras`, { headers: { authorization: `Bearer ${MARKER}` } }));
  await eventually('the camera to be asked with the password', () => heard.includes(ENCODED));

  for (const address of [
    'cameras',
    'events',
    'audit',
    'users',
    'sessions',
    'tokens',
    'system',
    'storage',
    'alarms',
  ]) {
    const url = `${recorder.address}/api/v1/${address}`;
    await tell(fetch(url, { headers: { authorization: AUTHORIZATION } }));
  }
  await tell(fetch(`${recorder.address}/metrics`, { headers: { authorization: AUTHORIZATION } }));
  const shown = readFileSync(`/proc/${recorder.pid}/cmdline`, 'utf8');
  const { stdout, stderr } = await recorder.stop();

  const texts = [
    ...everythingIn(recorder.stateDir),
    ...everythingIn(recorder.mediaDir),
    ...answers.map((answer) => ['an answer', answer] as const),
    ...([
      ['cmdline', shown],
      ['stdout', stdout],
      ['stderr', stderr],
    ] as const),
  ];
  expect(texts.map(([name]) => name)).toContain('nightjar.db');
  expect(stdout).toContain('locked');
  expect(answers.join()).toContain('"hasPassword":true');
  const found = texts.filter(([, text]) => FORMS.some((form) => text.includes(form))).map(([name]) => name);
  expect(found).toEqual([]);
}, 120_000);
