/**
 * The set-up behind `npm start` and `npm test`: its decisions as tables, and the whole of it as a process in a
 * made-up clone, with stand-ins for dpkg, apt, npm and the compiler that write down what they were asked.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  installedNames,
  missingPackages,
  namesFor,
  privilege,
  SYSTEM_PACKAGES,
} from '../../src/cli/packages.mjs';
import { fingerprint, lockSatisfied } from '../../src/cli/steps.mjs';

let clone = '';
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'nightjar-setup-'));
});
afterEach(() => {
  // Whoever was started by a test that failed must not outlive it.
  for (const pid of [read('serving'), read('npm-pid')]
    .map((text) => Number.parseInt(text, 10))
    .filter(isAlive)) {
    process.kill(pid, 'SIGKILL');
  }
  rmSync(clone, { recursive: true, force: true });
});

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

const write = (path: string, text: string) => {
  mkdirSync(join(clone, path, '..'), { recursive: true });
  writeFileSync(join(clone, path), text);
};
const read = (path: string) => (existsSync(join(clone, path)) ? readFileSync(join(clone, path), 'utf8') : '');

test.each([
  ['build', 'To compile'],
  ['run', 'To run'],
  ['test', 'For the tests only'],
] as const)('README.md names what is installed for the purpose "%s"', (purpose, title) => {
  const text = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const section = text.split(`- **${title}:**`)[1]?.split(/\n- \*\*|\n\n/)[0] ?? '';
  const named = [...section.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  const wanted = SYSTEM_PACKAGES.filter((each) => each.purpose === purpose).map(({ name }) => name);
  expect(new Set(named)).toEqual(new Set(wanted));
});

describe('which packages are missing', () => {
  const all = new Set(SYSTEM_PACKAGES.map(({ name }) => name));
  const none = () => false;
  type Asked = Parameters<typeof missingPackages>;
  const missing = (purposes: Asked[0], installed: Asked[1], command: Asked[2], isDebian = false) =>
    missingPackages(purposes, installed, command, isDebian).map(({ name }) => name);

  test('what dpkg calls installed is installed, held or not; what it only remembers is not', () => {
    const answer = 'ii  python3\nhi  ffmpeg\nrc  libcairo2\nun  chromium\niF  pkg-config\n';
    expect([...installedNames(answer)]).toEqual(['python3', 'ffmpeg']);
  });

  test('nothing, when all are installed', () => {
    expect(missing(['build', 'run', 'test'], all, none)).toEqual([]);
  });

  test('only what the purpose wants', () => {
    expect(missing(['run'], new Set(), none)).not.toContain('ffmpeg');
    expect(missing(['test'], new Set(), none)).toEqual([
      ...['gstreamer1.0-tools', 'ffmpeg', 'mosquitto', 'libfaketime', 'zip', 'unzip', 'openssl', 'e2fsprogs'],
      'tesseract-ocr',
      'chromium',
    ]);
  });

  test('Firefox, only where there is such a package', () => {
    const others = new Set(all);
    others.delete('firefox-esr');
    expect(missing(['test'], others, none, true)).toEqual(['firefox-esr']);
    expect(missing(['test'], others, none, false)).toEqual([]);
    expect(missing(['test'], others, (command) => command === 'firefox', true)).toEqual([]);
  });

  test('their names as apt-get takes them', () => {
    expect(namesFor('test')).toBe(
      'gstreamer1.0-tools ffmpeg mosquitto libfaketime zip unzip openssl e2fsprogs tesseract-ocr chromium firefox-esr',
    );
  });

  test('another package of the same use will do', () => {
    const others = new Set([...all, 'pkgconf']);
    others.delete('pkg-config');
    expect(missing(['build'], others, none)).toEqual([]);
  });

  test('a browser that dpkg knows nothing of will do', () => {
    const others = new Set(all);
    others.delete('chromium');
    expect(missing(['test'], others, (command) => command === 'google-chrome')).toEqual([]);
    expect(missing(['test'], others, none)).toEqual(['chromium']);
  });
});

test.each([
  [{ root: true, sudo: false, terminal: false }, []],
  [{ root: true, sudo: true, terminal: true }, []],
  [{ root: false, sudo: true, terminal: true }, ['sudo']],
  [{ root: false, sudo: true, terminal: false }, ['sudo', '-n']],
  [{ root: false, sudo: false, terminal: true }, null],
])('how apt-get may be started: %o', (machine, prefix) => {
  expect(privilege(machine)).toEqual(prefix);
});

test.each([
  ['the same', { a: { version: '1.0.0' } }, true],
  ['more than asked for', { a: { version: '1.0.0' }, z: { version: '9.0.0' } }, true],
  ['another version', { a: { version: '1.0.1' } }, false],
  ['nothing', {}, false],
])('the lock file against %s', (_, packages, satisfied) => {
  const wanted = { packages: { '': {}, a: { version: '1.0.0' }, b: { version: '2.0.0', optional: true } } };
  expect(lockSatisfied(wanted, { packages })).toBe(satisfied);
});

test('a fingerprint follows names and contents, not times', () => {
  write('src/a.ts', 'one');
  const before = fingerprint(clone, ['src', 'absent']);
  utimesSync(join(clone, 'src/a.ts'), 0, 0);
  expect(fingerprint(clone, ['src', 'absent'])).toBe(before);
  write('src/a.ts', 'two');
  const after = fingerprint(clone, ['src', 'absent']);
  write('src/b.ts', '');
  expect(
    new Set([before, after, fingerprint(clone, ['src', 'absent']), fingerprint(clone, ['src'], 'salt')]).size,
  ).toBe(4);
});

describe('in a bare clone', () => {
  const LOCK = JSON.stringify({ packages: { '': {}, 'node_modules/node-gtk': { version: '4.1.1' } } });

  beforeEach(() => {
    cpSync(new URL('../../src/cli', import.meta.url), join(clone, 'src/cli'), { recursive: true });
    write('package.json', JSON.stringify({ engines: { node: '>=20.19' } }));
    write('package-lock.json', LOCK);
    write('src/main.ts', '');
    write('installed', SYSTEM_PACKAGES.map(({ name }) => `ii  ${name}\n`).join(''));
    command('dpkg-query', "process.stdout.write(fs.readFileSync('installed'))");
    command(
      'apt-get',
      "if (process.argv.at(-1) === 'libcairo2') fs.appendFileSync('installed', 'ii  libcairo2\\n')",
    );
    command('sudo', "child.execFileSync('env', process.argv.slice(process.argv.indexOf('env') + 1))");
    command(
      'npm',
      `
      const write = (path, text) => (fs.mkdirSync(require('node:path').dirname(path), { recursive: true }), fs.writeFileSync(path, text));
      write('node_modules/node-gtk/index.js', '');
      write('node_modules/better-sqlite3/index.js', 'module.exports = class { close() {} }');
      write('node_modules/typescript/bin/tsc', ${JSON.stringify(COMPILER)});
      write('node_modules/vite/bin/vite.js', ${JSON.stringify(BUNDLER)});
      write('node_modules/.package-lock.json', fs.readFileSync('package-lock.json'));`,
    );
    symlinkSync('/usr/bin/env', join(clone, 'bin/env'));
  });

  const COMPILER = `
    const fs = require('node:fs');
    fs.appendFileSync('asked', 'tsc\\n');
    fs.mkdirSync('dist', { recursive: true });
    fs.copyFileSync('src/main.ts', 'dist/main.js');`;

  const BUNDLER = "require('node:fs').appendFileSync('asked', 'vite\\n')";

  /** A stand-in on the PATH that writes down how it was called and then runs `body`. */
  function command(name: string, body: string): void {
    const lines = [
      `#!${process.execPath}`,
      "const fs = require('node:fs'), child = require('node:child_process');",
      `if ('${name}' !== 'dpkg-query') fs.appendFileSync('asked', ['${name}', ...process.argv.slice(2)].join(' ') + '\\n');`,
      body,
    ];
    write(`bin/${name}`, lines.join('\n'));
    chmodSync(join(clone, 'bin', name), 0o755);
  }

  interface Running {
    readonly child: ChildProcess;
    readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; said: string }>;
  }

  function launch(...args: string[]): Running {
    const child = spawn(process.execPath, ['src/cli/setup.mjs', ...args], {
      cwd: clone,
      env: { PATH: join(clone, 'bin') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
    });
    child.stderr.on('data', (text) => {
      said += text;
    });
    return { child, ended: once(child, 'close').then(([code, signal]) => ({ code, signal, said })) };
  }

  /** Runs the set-up to its end; `asked` is what the stand-ins were asked in that time, sudo left out. */
  async function setUp(...args: string[]) {
    rmSync(join(clone, 'asked'), { force: true });
    const { code, said } = await launch(...args).ended;
    const asked = read('asked')
      .split('\n')
      .filter((line) => line && !line.startsWith('sudo'));
    return {
      code,
      said,
      asked: asked.map((line) => line.replace(/ -qq -o \S+ -o \S+/, '').replace(/ --no-.*/, '')),
    };
  }

  test('everything is done once, and nothing the second time', async () => {
    expect(await setUp('test')).toMatchObject({ code: 0, asked: ['npm ci --include=dev', 'tsc', 'vite'] });
    expect(await setUp('test', '--quiet')).toEqual({ code: 0, asked: [], said: '' });
  });

  test('only the system packages that are missing are installed, and the user is told what for', async () => {
    write('installed', read('installed').replace('ii  libcairo2\n', ''));
    const { code, asked, said } = await setUp('start');
    expect(asked.slice(0, 3)).toEqual(['apt-get update', 'apt-get install --yes', 'npm ci --include=dev']);
    expect(said).toContain('Missing: libcairo2 (node-gtk is linked against it)');
    expect(code).toBe(0);
    expect((await setUp('start', '--quiet')).asked).toEqual([]);
  });

  test('packages that cannot be installed are named, with the command to do it by hand', async () => {
    write('installed', read('installed').replace('ii  libcairo2\n', ''));
    command('apt-get', 'process.exit(100)');
    command('sudo', 'process.exit(1)');
    const { code, asked, said } = await setUp('start');
    expect(code).toBe(69);
    expect(asked.filter((line) => line.startsWith('npm'))).toEqual([]);
    expect(said).toContain('apt-get install --no-install-recommends libcairo2');
  });

  test('a changed lock file asks for npm, a changed source for the compiler, a touched one for nothing', async () => {
    await setUp('test');
    write('package-lock.json', LOCK.replace('4.1.1', '4.1.2'));
    expect((await setUp('test')).asked).toEqual(['npm ci --include=dev', 'tsc', 'vite']);
    write('src/main.ts', '// changed');
    expect((await setUp('test')).asked).toEqual(['tsc', 'vite']);
    utimesSync(join(clone, 'src/main.ts'), 1, 1);
    expect((await setUp('test')).asked).toEqual([]);
  });

  test('packages that somebody installed with npm by hand are taken as they are, if they load', async () => {
    await setUp('test');
    rmSync(join(clone, 'node_modules/.nightjar-checked'));
    expect((await setUp('test')).asked).toEqual([]);
    rmSync(join(clone, 'node_modules/.nightjar-checked'));
    write('node_modules/better-sqlite3/index.js', "throw new Error('compiled for another Node')");
    expect((await setUp('test')).asked).toEqual(['npm ci --include=dev']);
  });

  test('a build that fails ends the set-up and is tried again', async () => {
    await setUp('test');
    write('node_modules/typescript/bin/tsc', 'process.exit(2)');
    write('src/main.ts', '// changed');
    expect((await setUp('start')).code).toBe(70);
    expect((await setUp('start')).code).toBe(70);
  });

  test('a Node that is too old is refused in a sentence', async () => {
    write('package.json', JSON.stringify({ engines: { node: '>=99.1' } }));
    const { code, said } = await setUp('start');
    expect({ code, said }).toEqual({
      code: 64,
      said: `Nightjar needs Node 99.1 or later; this is ${process.versions.node}.\n`,
    });
  });

  /** Writes down who it is and how it was called; SIGTERM ends it with exit code 7. */
  const SERVER = `
    process.on('SIGTERM', () => process.exit(7));
    require('node:fs').writeFileSync('serving', [process.pid, ...process.argv.slice(2)].join(' '));
    setInterval(() => {}, 1000);`;

  test('start becomes the server: its arguments, its signals, its exit code', async () => {
    write('src/main.ts', SERVER);
    const { child, ended } = launch('start', '--port', '1');
    await vi.waitUntil(() => read('serving'), 10_000);
    expect(read('serving')).toBe(`${child.pid} serve --port 1`);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 7, signal: null });
  });

  test('npm start passes a signal on to the server, with no shell between that would keep it', async () => {
    write('src/main.ts', SERVER);
    await setUp('test');
    rmSync(join(clone, 'bin/npm'));
    const { engines, scripts } = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    );
    write('package.json', JSON.stringify({ engines, scripts: { start: scripts.start } }));
    const { PATH = '', ...rest } = process.env;
    const env = { ...rest, PATH: `${join(clone, 'bin')}:${PATH}` };
    const npm = spawn('npm', ['start', '--silent'], { cwd: clone, env, stdio: 'ignore' });
    await vi.waitUntil(() => read('serving'), 10_000);
    npm.kill('SIGTERM');
    expect(await once(npm, 'close')).toEqual([7, null]);
    expect(isAlive(Number.parseInt(read('serving'), 10))).toBe(false);
  });

  test('a set-up that is told to stop takes npm with it', async () => {
    command('npm', "fs.writeFileSync('npm-pid', String(process.pid)); setInterval(() => {}, 1000);");
    const { child, ended } = launch('start');
    await vi.waitUntil(() => read('npm-pid'), 10_000);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(isAlive(Number(read('npm-pid')))).toBe(false);
  });
});
