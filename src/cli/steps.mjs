/**
 * What the set-up is made of: saying a line, running a program, and knowing from contents alone whether the
 * npm packages and the build are current. Plain JavaScript on Node's own modules only, because it runs before
 * `npm ci`.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

/** Exit codes in the manner of sysexits(3), like those of the program itself. */
export const EXIT = Object.freeze({ usage: 64, packages: 69, failed: 70 });

/** A set-up that cannot go on: the sentence for the user and the exit code. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {number} exitCode
   */
  constructor(message, exitCode = EXIT.failed) {
    super(message);
    this.name = 'SetupError';
    this.exitCode = exitCode;
  }
}

/**
 * Prints one line with the seconds since the process started.
 * @param {string} line
 */
export function say(line) {
  console.log(`[${(performance.now() / 1000).toFixed(1)} s] ${line}`);
}

/** @type {readonly NodeJS.Signals[]} */
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program to its end with our own output; rejects with a `SetupError` when it fails. A signal that ends
 * us ends it too: nothing is left compiling behind a set-up that was interrupted.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, reminder?: string }} options `reminder`: said every 30 s
 * @returns {Promise<void>}
 */
export async function run(command, args, { cwd, env = process.env, reminder }) {
  // Nothing we start may wait for an answer, except sudo, which asks the terminal itself.
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
  /** @type {NodeJS.Signals | undefined} */
  let stoppedBy;
  /** @param {NodeJS.Signals} signal */
  const passOn = (signal) => {
    stoppedBy = signal;
    child.kill(signal);
  };
  for (const signal of PASSED_ON) process.on(signal, passOn);
  const timer = reminder ? setInterval(() => say(reminder), 30_000) : undefined;
  try {
    await finished(child, [command, ...args].join(' '));
  } finally {
    clearInterval(timer);
    for (const signal of PASSED_ON) process.off(signal, passOn);
    // Our own handlers are gone, so this ends us the way whoever sent it expects to see.
    if (stoppedBy) process.kill(process.pid, stoppedBy);
  }
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} title
 * @returns {Promise<void>}
 */
function finished(child, title) {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new SetupError(`${title} cannot be run: ${error.message}.`)));
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new SetupError(`${title} failed (${signal ?? `exit code ${code}`}).`));
    });
  });
}

/**
 * A hash over the names and contents of files and of everything inside folders; what does not exist counts as
 * such. Contents, not times: a checkout or a copy changes the times of files that are the same.
 * @param {string} root
 * @param {readonly string[]} paths relative to `root`
 * @param {string} [salt] anything else the result depends on
 * @returns {string}
 */
export function fingerprint(root, paths, salt = '') {
  const hash = createHash('sha256').update(salt);
  for (const path of paths) {
    for (const file of filesBelow(root, path)) {
      hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
    }
  }
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @param {string} path
 * @returns {readonly string[]} sorted, relative to `root`
 */
function filesBelow(root, path) {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat ? [path] : [];
  const entries = readdirSync(join(root, path)).filter((name) => name !== 'node_modules');
  return entries.sort().flatMap((name) => filesBelow(root, join(path, name)));
}

/**
 * @typedef {{ version?: string, optional?: boolean }} LockEntry
 * @typedef {{ packages?: Record<string, LockEntry> }} Lock
 */

/**
 * Whether npm's record of what it installed holds every package of the lock file in the same version. Optional
 * packages may be absent: they are the ones for other platforms.
 * @param {Lock} wanted `package-lock.json`
 * @param {Lock} installed `node_modules/.package-lock.json`, which npm writes as its last act
 * @returns {boolean}
 */
export function lockSatisfied(wanted, installed) {
  return Object.entries(wanted.packages ?? {}).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed.packages?.[path];
    return found ? found.version === entry.version : entry.optional === true;
  });
}
