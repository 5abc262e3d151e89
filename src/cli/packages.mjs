/**
 * The Debian and Ubuntu packages Nightjar needs: which, what for, which are missing, and how they may be
 * installed. Plain JavaScript on Node's own modules only, because it runs before `npm ci`.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * `build` compiles the native npm packages, `run` records and serves, `test` is wanted by the tests alone.
 * @typedef {'build' | 'run' | 'test'} Purpose
 */

/**
 * @typedef {object} SystemPackage
 * @property {string} name what apt installs
 * @property {Purpose} purpose
 * @property {string} why shown to the user when it is about to be installed
 * @property {readonly string[]} [instead] other packages that serve as well
 * @property {readonly string[]} [commands] any of these on the PATH serves as well
 * @property {true} [onlyDebian] Ubuntu has no such package; its tests are skipped where it is not
 */

/** @type {readonly SystemPackage[]} */
export const SYSTEM_PACKAGES = [
  { name: 'build-essential', purpose: 'build', why: 'compiler for node-gtk and better-sqlite3' },
  {
    name: 'pkg-config',
    purpose: 'build',
    why: 'finds the libraries to compile against',
    instead: ['pkgconf'],
  },
  { name: 'python3', purpose: 'build', why: 'node-gyp, which drives the compiler' },
  { name: 'libgirepository1.0-dev', purpose: 'build', why: 'headers for node-gtk' },
  { name: 'libcairo2-dev', purpose: 'build', why: 'headers for node-gtk' },
  { name: 'libgstreamer1.0-dev', purpose: 'build', why: 'headers of GStreamer' },
  { name: 'libgirepository-1.0-1', purpose: 'run', why: 'how node-gtk reaches GStreamer' },
  { name: 'libcairo2', purpose: 'run', why: 'node-gtk is linked against it' },
  { name: 'libcairo-gobject2', purpose: 'run', why: 'node-gtk is linked against it' },
  { name: 'gir1.2-gstreamer-1.0', purpose: 'run', why: 'describes GStreamer to node-gtk' },
  { name: 'gir1.2-gst-plugins-base-1.0', purpose: 'run', why: 'describes the media libraries to node-gtk' },
  { name: 'gir1.2-gst-plugins-bad-1.0', purpose: 'run', why: 'describes WebRTC to node-gtk' },
  { name: 'gstreamer1.0-plugins-base', purpose: 'run', why: 'conversion, Opus, test pictures' },
  { name: 'gstreamer1.0-plugins-good', purpose: 'run', why: 'RTSP, RTP, MP4, V4L2' },
  { name: 'gstreamer1.0-plugins-bad', purpose: 'run', why: 'H.264 and H.265 parsers, RTMP, HLS, WebRTC' },
  { name: 'gstreamer1.0-plugins-ugly', purpose: 'run', why: 'H.264 encoder' },
  { name: 'gstreamer1.0-libav', purpose: 'run', why: 'decoders and the AAC encoder' },
  { name: 'gstreamer1.0-nice', purpose: 'run', why: 'WebRTC needs its ICE' },
  { name: 'gstreamer1.0-alsa', purpose: 'run', why: 'sound of USB cameras' },
  { name: 'gstreamer1.0-x', purpose: 'run', why: 'the clock drawn into test pictures' },
  { name: 'fonts-dejavu-core', purpose: 'run', why: 'the letters of that clock' },
  { name: 'gstreamer1.0-tools', purpose: 'test', why: 'gst-inspect-1.0 and gst-launch-1.0' },
  { name: 'ffmpeg', purpose: 'test', why: 'a second opinion on every recording' },
  { name: 'mosquitto', purpose: 'test', why: 'the MQTT broker of the tests', commands: ['mosquitto'] },
  { name: 'libfaketime', purpose: 'test', why: 'a clock that is set while the recorder runs' },
  {
    name: 'zip',
    purpose: 'test',
    why: 'changes archives of exports, which must be noticed',
    commands: ['zip'],
  },
  { name: 'unzip', purpose: 'test', why: 'a second opinion on archives of exports', commands: ['unzip'] },
  { name: 'openssl', purpose: 'test', why: 'a second opinion on their signatures', commands: ['openssl'] },
  { name: 'e2fsprogs', purpose: 'test', why: 'small disks that are filled and pulled out' },
  { name: 'tesseract-ocr', purpose: 'test', why: 'reads the time in pictures', commands: ['tesseract'] },
  {
    name: 'chromium',
    purpose: 'test',
    why: 'browser of the dashboard tests',
    commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  },
  {
    name: 'firefox-esr',
    purpose: 'test',
    why: 'a browser that plays H.265',
    commands: ['firefox-esr', 'firefox'],
    onlyDebian: true,
  },
];

/**
 * The names of the packages for one purpose, as apt-get takes them; for the Dockerfile.
 * @param {Purpose} purpose
 * @returns {string}
 */
export function namesFor(purpose) {
  return SYSTEM_PACKAGES.flatMap((each) => (each.purpose === purpose ? each.name : [])).join(' ');
}

/**
 * The package names in the answer of `dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n'` that are installed.
 * The second letter of the abbreviation is the state, the first only what was asked for.
 * @param {string} answer
 * @returns {ReadonlySet<string>}
 */
export function installedNames(answer) {
  const lines = answer.split('\n').filter((line) => line[1] === 'i');
  return new Set(lines.map((line) => line.slice(3).trim()));
}

/**
 * The packages that `purposes` want and that neither dpkg nor the PATH has.
 * @param {readonly Purpose[]} purposes
 * @param {ReadonlySet<string>} installed
 * @param {(command: string) => boolean} hasCommand
 * @param {boolean} isDebian
 * @returns {readonly SystemPackage[]}
 */
export function missingPackages(purposes, installed, hasCommand, isDebian) {
  return SYSTEM_PACKAGES.filter(({ name, purpose, instead = [], commands = [], onlyDebian }) => {
    if (!purposes.includes(purpose) || (onlyDebian && !isDebian)) return false;
    return ![name, ...instead].some((each) => installed.has(each)) && !commands.some(hasCommand);
  });
}

/**
 * How apt-get may be started: `[]` as it is, with `sudo` in front, or `null` when not at all. Without a
 * terminal sudo must fail rather than wait for a password that nobody can type.
 * @param {{ root: boolean, sudo: boolean, terminal: boolean }} machine
 * @returns {readonly string[] | null}
 */
export function privilege({ root, sudo, terminal }) {
  if (root) return [];
  if (!sudo) return null;
  return terminal ? ['sudo'] : ['sudo', '-n'];
}

/**
 * Asks dpkg, in one call, which of our packages are installed; `null` on a system without dpkg.
 * @returns {ReadonlySet<string> | null}
 */
export function askDpkg() {
  const names = SYSTEM_PACKAGES.flatMap(({ name, instead = [] }) => [name, ...instead]);
  // dpkg-query fails as soon as one name is unknown to it; what it knows is in its output all the same.
  const answer = spawnSync(
    'dpkg-query',
    ['-W', '-f', '$' + '{db:Status-Abbrev} $' + '{Package}\\n', ...names],
    {
      encoding: 'utf8',
    },
  );
  return answer.error ? null : installedNames(answer.stdout);
}

/**
 * Whether a command of this name is on the PATH.
 * @param {string} command
 * @returns {boolean}
 */
export function hasCommand(command) {
  const { PATH = '' } = process.env;
  return PATH.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
