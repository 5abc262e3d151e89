/**
 * Runs the built program on a machine that has a capture device: lists it, records from it and from a sound device, loses
 * each, finds it again, and has the format of the picture changed. For machines that are too slow or too bare for the test runner (an emulated one with the kernel's
 * vivid and snd-aloop), so it needs nothing but Node and the program. Prints a line for each step; ends with 1 when one
 * fails.
 *
 *   PROGRAM=dist/main.js WORK=/tmp/w node test/devices/capture.mjs
 *   VIDEO, AUDIO: devices, or links to them (/dev/video0, none)     FEED: GStreamer sink that the sound comes out of
 *   LOSE, FIND: shell commands that take the device away and give it back; not done when absent
 *   LOSE_SOUND, FIND_SOUND: the same of the sound device
 *   CHANGE: a shell command that makes the device give another size
 *   SIZE: what the device is asked for (320x180, or 320x180@10); empty for what it gives     FPS: what is recorded at most
 *   PATIENCE: how many times slower than usual the machine may be
 */
import { execSync, spawn, spawnSync } from 'node:child_process';
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
  LOSE_SOUND,
  FIND_SOUND,
  CHANGE,
  SIZE = '320x180',
  FPS = '10',
} = process.env;
const PORT = 18_099;
const PASSWORD = 'a password for tests';
/** @type {import('node:child_process').ChildProcess[]} */
const children = [];
/** Whether the program has ended. */
let ended = false;

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
    if (ended) throw new Error(`The program ended: ${what} ${last}`);
    if (performance.now() > limit) throw new Error(`Not in time: ${what} ${last}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

const status = async () => (await ask('GET', '/cameras/bench')).status;
/** What has become durable since then, of the connection that lives now. */
const recording = async (sinceMs = 0) => {
  const { source, recording: kept, lastDurableMs, format } = await status();
  const live = source.state === 'live' && kept.state === 'recording';
  return live && lastDurableMs > Math.max(sinceMs, source.sinceMs) && { lastDurableMs, format };
};
const EVER = `start=${Date.now() - 86_400_000}&end=${Date.now() + 86_400_000}`;
const segments = async () => (await ask('GET', `/cameras/bench/segments?${EVER}`)).segments;
const newest = async () => (await segments()).at(-1)?.runId;

/** @param {string} command @param {string[]} args @param {object} [env] */
function begin(command, args, env = {}) {
  const child = spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  children.push(child);
  return child;
}

/** Plays into what the sound is recorded from, until the device is gone. */
function feed() {
  if (FEED === undefined) return;
  begin('gst-launch-1.0', ['-q', '--no-position', 'audiotestsrc', 'is-live=true', '!', ...FEED.split(' ')]);
}

const RECORDER = {
  NIGHTJAR_PORT: String(PORT),
  NIGHTJAR_MEDIA_DIR: `${WORK}/media`,
  NIGHTJAR_STATE_DIR: `${WORK}/state`,
  NIGHTJAR_ADMIN_PASSWORD: PASSWORD,
  NIGHTJAR_RESERVE_MEGABYTES: '16',
  NIGHTJAR_SEGMENT_SECONDS: '5',
  // What else a recorder does would take a slow machine from what is tried here.
  NIGHTJAR_PREVIEW_CPU_PERCENT: '0',
  NIGHTJAR_LOG_LEVEL: LOG_LEVEL,
};

async function main() {
  mkdirSync(`${WORK}/media`, { recursive: true });
  feed();
  const recorder = begin(process.execPath, [PROGRAM, 'serve'], RECORDER);
  recorder.once('exit', () => (ended = true));
  await until('the program answers', 30, () => ask('GET', '/system'));
  say('started');
  for (const { id } of (await ask('GET', '/cameras')).cameras) await ask('DELETE', `/cameras/${id}`);
  const node = realpathSync(VIDEO);
  const { listed, audio } = await until(`${VIDEO} is listed as usable`, 20, async () => {
    const devices = await ask('GET', '/devices');
    const found = devices.video.find((/** @type {any} */ each) => each.node === node);
    if (found?.problem !== null) throw new Error(JSON.stringify(devices));
    return { listed: found, audio: devices.audio };
  });
  say('devices', { video: { ...listed, modes: listed.modes.length }, audio });
  const [width, height, fps] = SIZE.split(/[x@]/).map(Number);
  const source = {
    ...{ kind: 'v4l2', device: VIDEO },
    ...(AUDIO === undefined ? {} : { audioDevice: AUDIO }),
    ...(width && height ? { width, height } : {}),
    ...(fps ? { fps } : {}),
  };
  const tested = await until('a test of the connection', 60, () => ask('POST', '/probe', { source }));
  say('tested', { tested });
  const odd = { ...source, width: 334, height: 112 };
  say('an odd size', { answer: await ask('POST', '/probe', { source: odd }).catch(String) });
  const encode = { width: 320, fps: Number(FPS), keyframeSeconds: 1 };
  await ask('POST', '/cameras', { id: 'bench', name: 'Bench', source, encode });
  say('records', await until('it records', 60, recording));
  const busy = await ask('POST', '/probe', { source }).catch(String);
  say('asked for twice', { answer: busy });
  if (!String(busy).includes('used by another program')) throw new Error('It is not said to be busy.');
  if (LOSE !== undefined) await loseAndFind(LOSE, FIND ?? 'true');
  if (LOSE !== undefined && realpathSync(VIDEO) !== node)
    throw new Error(`It is ${realpathSync(VIDEO)} now.`);
  if (LOSE_SOUND !== undefined) {
    await loseAndFindSound(LOSE_SOUND, FIND_SOUND ?? 'true');
  }
  if (CHANGE !== undefined) await change(CHANGE);
  say('events', { events: await told() });
  await checked(recorder);
  say('passed');
}

/** @param {string} command */
const shell = (command) => execSync(command, { stdio: 'inherit', shell: '/bin/bash' });

/** What happened to the camera, oldest first. */
const told = async () =>
  (await ask('GET', '/events?cameras=bench')).events
    .map((/** @type {any} */ { kind, text }) => `${kind}: ${text}`)
    .reverse();

/** @param {string} lose @param {string} find */
async function loseAndFind(lose, find) {
  const before = await newest();
  shell(lose);
  const lost = await until('the loss is noticed', 20, async () => {
    const { source } = await status();
    return source.state !== 'live' && source.cause !== null && source;
  });
  say('device lost', { state: lost.state, cause: lost.cause, message: lost.message });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const foundMs = Date.now();
  shell(find);
  const again = async () => (await newest()) !== before && (await recording(foundMs));
  say('device returned', await until('it records again', 60, again));
}

/** The picture is recorded without its sound, and with it again. @param {string} lose @param {string} find */
async function loseAndFindSound(lose, find) {
  const lostMs = Date.now();
  shell(lose);
  const alone = await until('the picture is recorded alone', 60, async () => {
    const { silent } = await status();
    const kept = await recording(lostMs + 2_000);
    return silent !== null && kept && kept.format.audio === null && { silent, ...kept };
  });
  say('sound lost', alone);
  const foundMs = Date.now();
  shell(find);
  feed();
  const again = await until('the sound is recorded again', 60, async () => {
    const kept = await recording(foundMs);
    return (await status()).silent === null && kept && kept.format.audio !== null && kept;
  });
  say('sound returned', again);
}

/** @param {string} command */
async function change(command) {
  const before = await newest();
  shell(command);
  const format = await until('the new format is recorded', 60, async () => {
    return (await newest()) !== before && (await recording()) && (await status()).format;
  });
  say('format changed', { format });
}

/**
 * All that was recorded is whole, by the program's own check; the gaps say why.
 * @param {import('node:child_process').ChildProcess} recorder
 */
async function checked(recorder) {
  await until('segments', 20, async () => (await segments()).length > 1);
  const found = await segments();
  const { gaps } = await ask('GET', `/cameras/bench/gaps?${EVER}`);
  const gone = new Promise((resolve) => recorder.once('exit', resolve));
  recorder.kill('SIGTERM');
  await gone;
  const check = spawnSync(process.execPath, [PROGRAM, 'check'], {
    env: { ...process.env, ...RECORDER },
    encoding: 'utf8',
  });
  say('checked', {
    runs: new Set(found.map((/** @type {any} */ { runId }) => runId)).size,
    segments: found.length,
    frames: found.reduce((/** @type {number} */ sum, /** @type {any} */ { frames }) => sum + frames, 0),
    gaps: gaps.map((/** @type {any} */ { cause }) => cause),
    check: check.status,
  });
  if (check.status !== 0) throw new Error(`The archive is not whole: ${check.stdout}${check.stderr}`);
}

try {
  await main();
} catch (error) {
  say('failed', { reason: String(error), status: await status().catch(() => null) });
  process.exitCode = 1;
} finally {
  for (const child of children) child.kill();
}
