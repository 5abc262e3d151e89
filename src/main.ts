/** The process: arguments, environment and signals in, exit code out. What is done is in `cli/`. */
import { run } from './cli/run.ts';

process.exitCode = await run(process.argv.slice(2));
