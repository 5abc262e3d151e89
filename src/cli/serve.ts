/** The command `serve`: configuration from flags, environment and file; the recorder until a signal comes. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { type Logger, pino } from 'pino';
import type { Config } from '../config.ts';
import { redaction } from './redaction.ts';
import type { Command } from './run.ts';
import { configOf, readFlags, settingsHelp } from './settings.ts';

/** Longest a shutdown may take before the process ends anyway; what is written by then is durable. */
const SHUTDOWN_LIMIT_MS = 4_800;

/**
 * Lets memory double before a full garbage collection. Media comes in steadily and goes again after seconds, which V8
 * takes for a heap that hardly grows: it collected more than once a second, for a tenth of all CPU.
 */
const COLLECTOR = '--heap-growing-percent=100';

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
  /** SHA-256 of the certificate it serves with; null for plain HTTP. */
  readonly fingerprint: string | null;
  /** The user that the first start made; the password is to be shown once, unless it was given. */
  readonly firstUser: { readonly name: string; readonly password: string | null } | null;
  /** Reads the certificate again. */
  reload(): Promise<void>;
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
  setFlagsFromString(COLLECTOR);
  const { help: asked, ...flags } = readFlags(argv);
  if (asked === true) {
    process.stdout.write(help());
    return 0;
  }
  const { config, origins } = configOf(flags);
  // A folder that was named has to be there: a missing one is a disk that is not mounted.
  for (const key of ['mediaDir', 'stateDir'] as const) {
    if (origins[key] === 'default') mkdirSync(config[key], { recursive: true });
  }
  const logger = makeLogger(config);
  // From the beginning: the first process of a container is sent no signal that it does not listen to.
  const told = stopSignal(logger);
  try {
    const app = await start({ config, logger, version: version(), webFolder: webFolder() });
    process.on('SIGHUP', () => void app.reload());
    announce(app);
    await told.stop;
    await app.close();
    logger.info('stopped');
    return 0;
  } finally {
    told.over();
  }
}

function makeLogger({ logLevel }: Config): Logger {
  const options = { ...redaction, level: logLevel, base: null };
  if (!process.stdout.isTTY) return pino(options);
  const transport = { target: 'pino-pretty', options: { translateTime: 'SYS:HH:MM:ss.l', ignore: 'reqId' } };
  return pino({ ...options, transport });
}

function announce({ address, fingerprint, firstUser }: Running): void {
  const lines = [`Nightjar is recording and serving at ${address}`];
  if (fingerprint !== null) lines.push(`Fingerprint of its certificate (SHA-256): ${fingerprint}`);
  if (firstUser?.password != null) {
    lines.push(
      `Set it up there with the code ${firstUser.password}; until then it is the password of ${firstUser.name}.`,
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** `stop` resolves when it is to stop; unless it is `over` some seconds later, the process ends whatever happens. */
function stopSignal(logger: Logger): { readonly stop: Promise<void>; over(): void } {
  let limit: NodeJS.Timeout | undefined;
  const stop = new Promise<void>((resolve) => {
    const onSignal = (signal: string) => {
      logger.info({ signal }, 'stopping');
      limit ??= setTimeout(() => {
        logger.error('stopping took too long; probably a disk does not answer');
        // Not `exit`, which waits for the threads that such a disk holds.
        process.kill(process.pid, 'SIGKILL');
      }, SHUTDOWN_LIMIT_MS);
      resolve();
    };
    process.once('SIGTERM', onSignal).once('SIGINT', onSignal);
  });
  // Still set when it is over: those threads keep the process as well, and nothing else does.
  return { stop, over: () => void limit?.unref() };
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
  return `Usage: nightjar serve [--config FILE] [OPTIONS]\n\n${settingsHelp()}\n`;
}
