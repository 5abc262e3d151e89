/**
 * The set-up behind `npm start` and `npm test`: from a bare clone on Debian or Ubuntu to a built program, doing
 * only what is not done yet. It runs before `npm ci`, so it uses Node's own modules only.
 *
 *   setup.mjs start [argument …]    set up, then become `node dist/main.js serve [argument …]`
 *   setup.mjs test                  set up, with the packages that only the tests need
 *   setup.mjs build                 build, whether the build is current or not
 *
 * `--quiet`: say nothing unless there is something to do.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { askDpkg, hasCommand, missingPackages, privilege } from './packages.mjs';
import { EXIT, fingerprint, lockSatisfied, run, SetupError, say } from './steps.mjs';

/** @typedef {import('./packages.mjs').Purpose} Purpose */

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const NPM_STAMP = 'node_modules/.nightjar-checked';
const BUILD_STAMP = 'dist/.built-from';
const BUILT_FROM = ['src', 'web', 'types', 'tsconfig.json', 'package-lock.json'];
/** Compiled code fits one processor, one ABI of Node and one set of packages. */
const NPM_FROM = ['package-lock.json', 'node_modules/.package-lock.json'];
const MACHINE = `${process.arch} ${process.versions.modules}`;
/** Loads both compiled packages; better-sqlite3 does so only when a database is opened. */
const LOADS_NATIVES = "require('node-gtk'); new (require('better-sqlite3'))(':memory:').close()";

/** @param {string} path relative to the root */
const read = (path) => readFileSync(join(root, path), 'utf8');

/** Refuses a Node older than `engines` in package.json asks for. */
function checkNode() {
  const wanted = JSON.parse(read('package.json')).engines.node.replace('>=', '');
  const [major, minor] = wanted.split('.').map(Number);
  const [hasMajor = 0, hasMinor = 0] = process.versions.node.split('.').map(Number);
  if (hasMajor > major || (hasMajor === major && hasMinor >= minor)) return;
  throw new SetupError(
    `Nightjar needs Node ${wanted} or later; this is ${process.versions.node}.`,
    EXIT.usage,
  );
}

/**
 * Installs the system packages that are missing.
 * @param {readonly Purpose[]} purposes
 */
async function installSystemPackages(purposes) {
  const installed = askDpkg();
  if (!installed) {
    say('No dpkg here: the system packages, whose Debian names README.md lists, are taken to be installed.');
    return;
  }
  const missing = missingPackages(purposes, installed, hasCommand, systemIs('debian'));
  if (missing.length === 0) return;
  for (const { name, why } of missing) say(`Missing: ${name} (${why})`);
  const names = missing.map(({ name }) => (name === 'chromium' ? browserPackage() : name));
  const asRoot = privilege({
    root: process.getuid?.() === 0,
    sudo: hasCommand('sudo'),
    terminal: process.stdin.isTTY === true,
  });
  try {
    if (!asRoot) throw new SetupError('Installing needs root, and there is no sudo.');
    await aptGet(asRoot, ['update']);
    await aptGet(asRoot, ['install', '--yes', '--no-install-recommends', ...names]);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    const byHand = `apt-get update && apt-get install --no-install-recommends ${names.join(' ')}`;
    throw new SetupError(`${error.message} By hand, as root:\n  ${byHand}`, EXIT.packages);
  }
}

/**
 * @param {readonly string[]} asRoot what stands in front of apt-get
 * @param {readonly string[]} args
 */
async function aptGet(asRoot, args) {
  say(`apt-get ${args.join(' ')}`);
  // `env` because sudo drops our environment; the wait because a fresh machine updates itself at first.
  const apt = [
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-qq',
    '-o',
    'Dpkg::Use-Pty=0',
    '-o',
    'DPkg::Lock::Timeout=300',
  ];
  const [command = '', ...rest] = [...asRoot, ...apt, ...args];
  await run(command, rest, { cwd: root });
}

/**
 * Whether this is that system, by os-release(5).
 * @param {'debian' | 'ubuntu'} id
 */
function systemIs(id) {
  const system = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return system.split('\n').includes(`ID=${id}`);
}

/** Debian's Chromium is a package; Ubuntu's is a stub that asks snapd for the browser, so it needs snapd. */
function browserPackage() {
  if (!systemIs('ubuntu')) return 'chromium';
  if (existsSync('/run/snapd.socket')) return 'chromium-browser';
  throw new SetupError(
    'Ubuntu offers Chromium as a snap and snapd is not running. Install Google Chrome, then start again.',
    EXIT.packages,
  );
}

/** Installs the npm packages unless what is there is what the lock file asks for and loads in this Node. */
async function installNpmPackages() {
  const checked = () => fingerprint(root, NPM_FROM, MACHINE);
  if (stampIs(NPM_STAMP, checked())) return;
  if (!npmPackagesMatch() || !nativesLoad()) {
    say('npm ci (up to 5 minutes where node-gtk and better-sqlite3 have to be compiled)');
    await run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--no-update-notifier'], {
      cwd: root,
      // For node-gyp, which compiles one file after another unless it is told otherwise.
      env: { JOBS: 'max', ...process.env },
      reminder: 'npm ci is still at work',
    });
    if (!nativesLoad(true))
      throw new SetupError('node-gtk or better-sqlite3 was installed but does not load.');
    say('npm packages are installed');
  }
  writeFileSync(join(root, NPM_STAMP), checked());
}

/** Whether npm's own record says that it installed what the lock file asks for. */
function npmPackagesMatch() {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false;
  return lockSatisfied(
    JSON.parse(read('package-lock.json')),
    JSON.parse(read('node_modules/.package-lock.json')),
  );
}

/** In a process of its own: a binary compiled for another Node may do worse than throw. */
function nativesLoad(showErrors = false) {
  const stdio = showErrors ? 'inherit' : 'ignore';
  return spawnSync(process.execPath, ['-e', LOADS_NATIVES], { cwd: root, stdio }).status === 0;
}

/** Builds the server into an empty `dist` and the dashboard into `dist/web`. */
async function build() {
  say('Building');
  // Taken before: what is edited while the compiler runs is built next time.
  const builtFrom = fingerprint(root, BUILT_FROM);
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  await runNode('node_modules/typescript/bin/tsc', '-p', 'src/tsconfig.json');
  await runNode('node_modules/vite/bin/vite.js', 'build', 'web', '--logLevel', 'warn');
  writeFileSync(join(root, BUILD_STAMP), builtFrom);
  say('Built');
}

/** @param {...string} args a script and its arguments */
const runNode = (...args) => run(process.execPath, args, { cwd: root });

/**
 * @param {string} file
 * @param {string} wanted
 */
function stampIs(file, wanted) {
  return existsSync(join(root, file)) && read(file) === wanted;
}

/**
 * @param {readonly Purpose[]} purposes
 * @param {boolean} quiet
 */
async function setUp(purposes, quiet) {
  checkNode();
  await installSystemPackages(purposes);
  await installNpmPackages();
  if (!stampIs(BUILD_STAMP, fingerprint(root, BUILT_FROM))) await build();
  if (!quiet) say('Set-up is complete');
}

/**
 * Becomes the server: imported, not spawned, so that this process is the one that gets its signals and gives
 * its exit code, and nothing stays behind whichever way it ends.
 * @param {readonly string[]} args
 */
async function serve(args) {
  const main = join(root, 'dist', 'main.js');
  if (!existsSync(main)) throw new SetupError('The build has no dist/main.js: there is nothing to start.');
  process.argv = [process.execPath, main, 'serve', ...args];
  await import(pathToFileURL(main).href);
}

/** @param {readonly string[]} argv */
async function main([command, ...args]) {
  const quiet = args.includes('--quiet');
  const rest = args.filter((arg) => arg !== '--quiet');
  switch (command) {
    case 'start':
      await setUp(['build', 'run'], quiet);
      return await serve(rest);
    case 'test':
      return await setUp(['build', 'run', 'test'], quiet);
    case 'build':
      return await build();
    default:
      throw new SetupError('usage: setup.mjs start|test|build [--quiet] [argument …]', EXIT.usage);
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
