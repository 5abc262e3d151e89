/** The command `check`: compares the index with the files and says what differs, one line each. */
import type { Config } from '../config.ts';
import { NvrError } from '../domain/errors.ts';
import { DAMAGED_KEPT_DAYS } from '../domain/retention.ts';
import type { Command } from './run.ts';
import { configOf, readFlags, settingsHelp } from './settings.ts';

/** What is to be checked, and how. */
export interface CheckRequest {
  readonly config: Config;
  readonly mode: 'look' | 'fix' | 'rebuild';
  readonly scan: boolean;
  readonly discardDamaged: boolean;
  readonly onProgress: (done: number, total: number) => void;
}

/** What was found. */
export interface CheckResult {
  readonly live: boolean;
  readonly files: number;
  /** What is kept although it is damaged, in bytes together. */
  readonly damaged: { readonly files: number; readonly bytes: number };
  readonly movedTo: string | null;
  readonly differences: readonly {
    readonly kind: string;
    readonly message: string;
    readonly outcome: 'fixed' | 'left' | null;
  }[];
}

const EXIT = { same: 0, differs: 1, impossible: 2 } as const;

/** The command, around whatever checks an archive. */
export function checkCommand(check: (request: CheckRequest) => Promise<CheckResult>): Command {
  return {
    describes: 'compare the index with the files (see nightjar check --help)',
    run: (argv) => runCheck(argv, check),
  };
}

async function runCheck(
  argv: readonly string[],
  check: (request: CheckRequest) => Promise<CheckResult>,
): Promise<number> {
  try {
    const {
      help,
      fix,
      rebuild,
      scan,
      json,
      'discard-damaged': discard,
      ...flags
    } = readFlags(argv, ['fix', 'rebuild', 'scan', 'json', 'discard-damaged']);
    if (help === true) {
      process.stdout.write(usage());
      return EXIT.same;
    }
    const mode = rebuild === true ? 'rebuild' : fix === true ? 'fix' : 'look';
    const discardDamaged = discard === true;
    if (discardDamaged && mode === 'look') {
      throw new NvrError('invalid', '--discard-damaged changes something: it goes with --fix or --rebuild.');
    }
    const { config } = configOf(flags);
    const bar = new ProgressBar();
    const result = await check({
      config,
      mode,
      scan: scan === true,
      discardDamaged,
      onProgress: (done, total) => bar.show(done, total),
    }).finally(() => bar.clear());
    process.stdout.write(json === true ? `${JSON.stringify(asJson(result))}\n` : asText(result));
    return result.differences.some(({ outcome }) => outcome !== 'fixed') ? EXIT.differs : EXIT.same;
  } catch (error) {
    if (!(error instanceof NvrError)) throw error;
    process.stderr.write(`nightjar check: ${error.message}\n`);
    return EXIT.impossible;
  }
}

function asJson({ live, files, damaged, movedTo, differences }: CheckResult) {
  const list = differences.map(({ kind, message, outcome }) => ({ kind, message, outcome }));
  return { recorderRunning: live, files, damaged, damagedIndexMovedTo: movedTo, differences: list };
}

function asText({ live, files, damaged, movedTo, differences }: CheckResult): string {
  const lines = differences.map(({ message, outcome }) =>
    outcome === null ? message : `${outcome}: ${message}`,
  );
  if (movedTo !== null) lines.push(`The damaged index is now ${movedTo}.`);
  if (damaged.files > 0) {
    lines.push(
      `${damaged.files} damaged files (${damaged.bytes} bytes) are kept for ${DAMAGED_KEPT_DAYS} days; --fix --discard-damaged deletes them.`,
    );
  }
  const beside = live ? ', beside a running recorder' : '';
  const verdict =
    differences.length === 0 ? 'the index is what the files are' : `${differences.length} differences`;
  return `${[...lines, `${files} files${beside}: ${verdict}.`].join('\n')}\n`;
}

function usage(): string {
  return `Usage: nightjar check [--scan] [--fix | --rebuild] [--discard-damaged] [--json] [--config FILE] [OPTIONS]

Without --fix and --rebuild nothing is changed, and a recorder may be at work.
  --scan     read the structure of every file, not only its size
  --fix      make the index true: enter files it lacks, drop rows whose files are gone, finish what a crash left
  --rebuild  forget the index of footage and build it anew from the files alone
  --discard-damaged
             delete the damaged files that are kept beside what could be copied out of them
  --json     for programs

Exit code 0: no difference, or all were fixed. 1: differences. 2: it could not be checked.

${settingsHelp()}
`;
}

/** One line on a terminal, redrawn a few times a second; nothing anywhere else. */
class ProgressBar {
  #shownAt = 0;

  show(done: number, total: number): void {
    const now = performance.now();
    if (!process.stderr.isTTY || now - this.#shownAt < 200) return;
    this.#shownAt = now;
    const width = 30;
    const full = Math.floor((width * done) / total);
    process.stderr.write(`\r[${'#'.repeat(full)}${' '.repeat(width - full)}] ${done} of ${total} files`);
  }

  clear(): void {
    if (this.#shownAt > 0) process.stderr.write('\r\x1b[K');
  }
}
