/** Finds the command, runs it, turns a failure into a sentence and an exit code. */
import { type ErrorKind, messageOf, NvrError } from '../domain/errors.ts';
import { serve } from './serve.ts';

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

const COMMANDS: Readonly<Record<string, (argv: readonly string[]) => Promise<number>>> = { serve };

const USAGE = `Usage: nightjar COMMAND [OPTIONS]

  serve    record and serve until told to stop (see nightjar serve --help)
`;

/** Runs one command; resolves to the exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  const [name = 'serve', ...rest] = argv;
  if (name === '--help' || name === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    process.stderr.write(`nightjar: there is no command ${name}.\n${USAGE}`);
    return EXIT_CODES.invalid;
  }
  try {
    return await command(rest);
  } catch (thrown) {
    process.stderr.write(`nightjar: ${messageOf(thrown)}\n`);
    return EXIT_CODES[thrown instanceof NvrError ? thrown.kind : 'internal'];
  }
}
