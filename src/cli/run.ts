/** Finds the command, runs it, turns a failure into a sentence and an exit code. */
import { type ErrorKind, messageOf, NvrError } from '../domain/errors.ts';

/** Exit codes in the manner of sysexits(3), so that scripts can tell failures apart. */
const EXIT_CODES: Readonly<Record<ErrorKind, number>> = {
  invalid: 64,
  'not-found': 66,
  unavailable: 69,
  internal: 70,
  conflict: 73,
  exhausted: 74,
  forbidden: 77,
  unauthorised: 77,
};

/** One command: its line in the overview, and what it does. */
export interface Command {
  readonly describes: string;
  /** Resolves to the exit code. @throws NvrError with a sentence for the user. */
  run(argv: readonly string[]): Promise<number>;
}

export type Commands = Readonly<Record<string, Command>>;

/** Runs the command named first, `serve` when there is none; resolves to the exit code. */
export async function run(argv: readonly string[], commands: Commands): Promise<number> {
  const [name = 'serve', ...rest] = argv;
  if (name === '--help' || name === 'help') {
    process.stdout.write(usage(commands));
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    process.stderr.write(`nightjar: there is no command ${name}.\n${usage(commands)}`);
    return EXIT_CODES.invalid;
  }
  try {
    return await command.run(rest);
  } catch (thrown) {
    process.stderr.write(`nightjar: ${messageOf(thrown)}\n`);
    return EXIT_CODES[thrown instanceof NvrError ? thrown.kind : 'internal'];
  }
}

function usage(commands: Commands): string {
  const lines = Object.entries(commands).map(([name, { describes }]) => `  ${name.padEnd(9)}${describes}`);
  return `Usage: nightjar COMMAND [OPTIONS]\n\n${lines.join('\n')}\n`;
}
