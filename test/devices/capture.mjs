/**
 * Runs the built program on a machine that has a capture device: lists it, records from it and from a sound device, loses
 * it, finds it again. For machines that are too slow or too bare for the test runner (an emulated one with the kernel's
 * vivid and snd-aloop), so it needs nothing but Node and the program. Prints a line for each step; ends with 1 when one
 * fails.
 *
 *   PROGRAM=dist/main.js WORK=/tmp/w node test/devices/capture.mjs
 *   VIDEO, AUDIO: devices, or links to them (/dev/video0, none)     FEED: GStreamer sink that the sound comes out of
 *   LOSE, FIND: shell commands that take the device away and give it back; not done when absent
 *   PATIENCE: how many times slower than usual the machine may be
 */
import { execSync, spawn } from 'node:child_process';
import { mkdirSync, realpathSync } from 'node:fs';

const {
  PROGRAM = 'dist/main.js',
  WORK = '/tmp/nightjar-devices',
  PATIENCE = '1',
  LOG_LEVEL = 'warn',
} = process.env;
const {
  VIDEO = '/dev/video0',
  AUDIO,
  FEED,
  LOSE,
  FIND,
  WIDTH = '320',
  HEIGHT = '180',
  FPS = '10',
} = process.env;
const PORT = 18_099;
const PASSWORD = 'a password for tests';
/** @type {import('node:child_process').ChildProcess[]} */
const children = [];

/** @param {string} step @param {object} [facts] */
function say(step, facts = {}) {
  process.stdout.write(`${JSON.stringify({ atS: Math.round(process.uptime()), step, ...facts })}\n`);
}

/** @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<any>} */
async function ask(method, path, body) {
  /** @type {Record<string, string>} */
  const headers = { authorization: `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const answer = await fetch(`http://127.0.0.1:${PORT}/api/v1${path}`, {
    method,
    headers,
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

/**
 * @param {string} what @param {number} seconds @param {() => Promise<any>} look
 * @returns {Promise<any>}
 */
async function until(what, seconds, look) {
  const limit = performance.now() + seconds * 1000 * Number(PATIENCE);
  let last = '';
  for (;;) {
    const found = await look().catch((error) => {
      last = String(error);
      return false;
    });
    if (found) return found;
    if (performance.now() > limit) throw new Error(`Not in time: ${what} ${last}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

const status = async () => (await ask('GET', '/cameras/bench')).status;
const recording = async () => {
  const { source, recording: kept, lastDurableMs } = await status();
  return source.state === 'live' && kept.state === 'recording' && lastDurableMs !== null && { lastDurableMs };
};

/** @param {string} command @param {string[]} args @param {object} [env] */
function begin(command, args, env = {}) {
  const child = spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  children.push(child);
  return child;
}

async function main() {
  mkdirSync(`${WORK}/media`, { recursive: true });
  if (FEED !== undefined)
    begin('gst-launch-1.0', ['-q', '--no-position', 'audiotestsrc', 'is-live=true', '!', ...FEED.split(' ')]);
  begin(process.execPath, [PROGRAM, 'serve'], {
    NIGHTJAR_PORT: String(PORT),
    NIGHTJAR_MEDIA_DIR: `${WORK}/media`,
    NIGHTJAR_STATE_DIR: `${WORK}/state`,
    NIGHTJAR_ADMIN_PASSWORD: PASSWORD,
    NIGHTJAR_RESERVE_MEGABYTES: '16',
    NIGHTJAR_SEGMENT_SECONDS: '5',
    NIGHTJAR_LOG_LEVEL: LOG_LEVEL,
  });
  await until('the program answers', 30, () => ask('GET', '/system'));
  say('started');
  for (const { id } of (await ask('GET', '/cameras')).cameras) await ask('DELETE', `/cameras/${id}`);
  const devices = await ask('GET', '/devices');
  const node = realpathSync(VIDEO);
  const listed = devices.video.find((/** @type {any} */ each) => each.node === node);
  say('devices', { video: listed, audio: devices.audio });
  if (listed === undefined || listed.problem !== null) throw new Error(`${VIDEO} is not listed as usable.`);
  const size = { width: Number(WIDTH), height: Number(HEIGHT), fps: Number(FPS) };
  const source = { kind: 'v4l2', device: VIDEO, ...(AUDIO === undefined ? {} : { audioDevice: AUDIO }) };
  await ask('POST', '/cameras', { id: 'bench', name: 'Bench', source, encode: size });
  say('encoders', {
    chosen: (await ask('GET', '/encoders')).encoders.find(
      (/** @type {any} */ { state }) => state === 'chosen',
    ),
  });
  const first = await until('it records', 40, recording);
  say('records', { ...first, format: (await status()).format });
  if (LOSE !== undefined) await loseAndFind();
  const segments = await until('segments', 20, async () => {
    const list = (await ask('GET', '/cameras/bench/segments?from=0&to=9999999999999')).segments;
    return list.length > 1 && list;
  });
  say('segments', {
    count: segments.length,
    frames: segments.reduce((/** @type {number} */ sum, /** @type {any} */ { frames }) => sum + frames, 0),
  });
  say('passed');
}

async function loseAndFind() {
  execSync(LOSE ?? 'true', { stdio: 'inherit', shell: '/bin/bash' });
  const lost = await until('the loss is noticed', 20, async () => {
    const { source } = await status();
    return source.state !== 'live' && source.cause !== null && source;
  });
  say('lost', { state: lost.state, cause: lost.cause, message: lost.message });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  execSync(FIND ?? 'true', { stdio: 'inherit', shell: '/bin/bash' });
  say('returned', await until('it records again', 60, recording));
}

try {
  await main();
} catch (error) {
  say('failed', { reason: String(error), status: await status().catch(() => null) });
  process.exitCode = 1;
} finally {
  for (const child of children) child.kill();
}
