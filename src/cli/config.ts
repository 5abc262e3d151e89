/** The command `config`: the configuration as it takes effect, and where each value comes from. */
import { type Config, SETTINGS } from '../config.ts';
import type { Command } from './run.ts';
import { configOf, readFlags, settingsHelp } from './settings.ts';

const HELP = `Usage: nightjar config [--config FILE] [--json] [OPTIONS]

Prints what a recorder that is started like this would use, and where each value comes from: a flag, the
environment, the file, or the default. Secrets are left out.

`;
const REDACTED = '(set)';

/** The command. */
export function configCommand(): Command {
  return {
    describes: 'print the configuration as it takes effect, and where each value comes from',
    run: async (argv) => {
      const { help, json, ...flags } = readFlags(argv, ['json']);
      process.stdout.write(help === true ? `${HELP}${settingsHelp()}\n` : printed(flags, json === true));
      return 0;
    },
  };
}

function printed(flags: Parameters<typeof configOf>[0], asJson: boolean): string {
  const { config, origins } = configOf(flags);
  const keys = Object.keys(SETTINGS).filter((key): key is keyof Config => Object.hasOwn(config, key));
  const rows = keys.map((key) => ({ key, value: shown(key, config[key]), origin: origins[key] }));
  if (asJson) {
    const entries = rows.map(({ key, ...row }) => [key, row]);
    return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
  }
  const width = Math.max(...rows.map(({ key }) => key.length));
  const origin = Math.max(...rows.map((row) => row.origin.length));
  const lines = rows.map(
    (row) => `${row.key.padEnd(width)}  ${row.origin.padEnd(origin)}  ${JSON.stringify(row.value)}`,
  );
  return `${lines.join('\n')}\n`;
}

function shown(key: keyof Config, value: unknown): unknown {
  return SETTINGS[key].secret === true && value !== null ? REDACTED : value;
}
