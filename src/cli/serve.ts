/** The command `serve`: configuration from flags, environment and file; the recorder until a signal comes. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Logger, pino } from 'pino';
import { type Config, environmentName, flagName, loadConfig, SETTINGS } from '../config.ts';
import { messageOf, NvrError } from '../domain/errors.ts';
import type { Command } from './run.ts';

/** Longest a shutdown may take before the process ends anyway; what is written by then is durable. */
const SHUTDOWN_LIMIT_MS = 4_800;

/** What a start needs to know. */
export interface StartOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly version: string;
  /** Absolute path of the built dashboard; null serves none. */
  readonly webFolder: string | null;
}

/** A recorder that runs. */
export interface Running {
  readonly address: string;
  /** The user that the first start made; the password is to be shown once, unless it was given. */
  readonly firstUser: { readonly name: string; readonly password: string | null } | null;
  close(): Promise<void>;
}

/** The command, around whatever starts a recorder. */
export function serveCommand(start: (options: StartOptions) => Promise<Running>): Command {
  return {
    describes: 'record and serve until told to stop (see nightjar serve --help)',
    run: (argv) => serve(argv, start),
  };
}

/** Runs until SIGTERM or SIGINT; resolves to the exit code. @throws NvrError when it can't start. */
async function serve(
  argv: readonly string[],
  start: (options: StartOptions) => Promise<Running>,
): Promise<number> {
  const flags = readFlags(argv);
  if (flags.help === true) {
    process.stdout.write(help());
    return 0;
  }
  const config = configOf(flags);
  const logger = makeLogger(config);
  const app = await start({ config, logger, version: version(), webFolder: webFolder() });
  announce(app);
  return await untilStopped(app, logger);
}

interface Flags {
  readonly help?: unknown;
  readonly config?: unknown;
  readonly [setting: string]: unknown;
}

function readFlags(argv: readonly string[]): Flags {
  const options = Object.fromEntries(
    [...Object.keys(SETTINGS).map(flagName), 'config'].map((name) => [name, { type: 'string' as const }]),
  );
  try {
    return parseArgs({ args: [...argv], options: { ...options, help: { type: 'boolean' } } }).values;
  } catch (cause) {
    throw new NvrError('invalid', `${messageOf(cause)} See nightjar serve --help.`, { cause });
  }
}

function configOf({ config: path, ...flags }: Flags): Config {
  const file = typeof path === 'string' ? readFile(path) : {};
  const { config, origins } = loadConfig({ flags, environment: process.env, file });
  // A folder that was named has to be there: a missing one is a disk that is not mounted.
  for (const key of ['mediaDir', 'stateDir'] as const) {
    if (origins[key] === 'default') mkdirSync(config[key], { recursive: true });
  }
  return config;
}

function readFile(path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (cause) {
    throw new NvrError('invalid', `The configuration ${path} can’t be read: ${messageOf(cause)}`, { cause });
  }
  throw new NvrError('invalid', `The configuration ${path} is not a JSON object.`);
}

function makeLogger({ logLevel }: Config): Logger {
  const options = { level: logLevel, base: null };
  if (!process.stdout.isTTY) return pino(options);
  const transport = { target: 'pino-pretty', options: { translateTime: 'SYS:HH:MM:ss.l', ignore: 'reqId' } };
  return pino({ ...options, transport });
}

function announce({ address, firstUser }: Running): void {
  const lines = [`Nightjar is recording and serving at ${address}`];
  if (firstUser?.password != null) {
    lines.push(`Log in as ${firstUser.name} with the password ${firstUser.password} (shown only this once).`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function untilStopped(app: Running, logger: Logger): Promise<number> {
  const signal = await new Promise<string>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  logger.info({ signal }, 'stopping');
  const limit = setTimeout(() => {
    logger.error('stopping took too long; probably a disk does not answer');
    // Not `exit`, which waits for the threads that such a disk holds.
    process.kill(process.pid, 'SIGKILL');
  }, SHUTDOWN_LIMIT_MS);
  await app.close();
  logger.info('stopped');
  // Still set: those threads keep the process as well.
  limit.unref();
  return 0;
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version: unknown }).version);
}

/** Beside the compiled program; null when the dashboard was not built. */
function webFolder(): string | null {
  const folder = fileURLToPath(new URL('../web', import.meta.url));
  return existsSync(folder) ? folder : null;
}

function help(): string {
  const lines = Object.entries(SETTINGS).map(([key, { describes, fallback }]) => {
    const value = fallback();
    const standard = value === null ? '' : ` [${String(value)}]`;
    return `  --${flagName(key).padEnd(18)} ${environmentName(key).padEnd(26)} ${describes}${standard}`;
  });
  return `Usage: nightjar serve [--config FILE] [OPTIONS]\n\n${lines.join('\n')}\n`;
}
