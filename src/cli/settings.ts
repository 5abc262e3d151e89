/** What the commands share of the settings: flags, environment and file in, a configuration out. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { environmentName, flagName, type LoadedConfig, loadConfig, SETTINGS } from '../config.ts';
import { messageOf, NvrError } from '../domain/errors.ts';
import { isRecord } from '../domain/record.ts';

/** The values of the flags that were given, by their names without hyphens in front. */
export interface Flags {
  readonly [name: string]: unknown;
}

/**
 * Reads `--config FILE`, `--help` and a flag for each setting.
 * @param switches further flags without a value
 * @param values further flags with one
 * @throws NvrError `invalid` for any other
 */
export function readFlags(
  argv: readonly string[],
  switches: readonly string[] = [],
  values: readonly string[] = [],
): Flags {
  const texts = [...Object.keys(SETTINGS).map(flagName), 'config', ...values];
  const options = Object.fromEntries([
    ...texts.map((name) => [name, { type: 'string' as const }] as const),
    ...['help', ...switches].map((name) => [name, { type: 'boolean' as const }] as const),
  ]);
  try {
    return parseArgs({ args: [...argv], options }).values;
  } catch (cause) {
    throw new NvrError('invalid', `${messageOf(cause)} See --help.`, { cause });
  }
}

/**
 * The configuration of these flags, the environment and the file that `--config` names.
 * @throws NvrError `invalid` naming the setting that is wrong
 */
export function configOf({ config: path, ...given }: Flags): LoadedConfig {
  const file = typeof path === 'string' ? readFile(path) : {};
  const settings = Object.keys(SETTINGS).map(flagName);
  const flags = Object.fromEntries(Object.entries(given).filter(([name]) => settings.includes(name)));
  return loadConfig({ flags, environment: process.env, file });
}

/** A line for each setting: its flag, its variable, what it is, and its default. */
export function settingsHelp(): string {
  const lines = Object.entries(SETTINGS).map(([key, { describes, fallback }]) => {
    const value = fallback();
    const standard = value === null ? '' : ` [${String(value)}]`;
    return `  --${flagName(key).padEnd(18)} ${environmentName(key).padEnd(26)} ${describes}${standard}`;
  });
  return lines.join('\n');
}

function readFile(path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isRecord(value)) return { ...value };
  } catch (cause) {
    throw new NvrError('invalid', `The configuration ${path} can’t be read: ${messageOf(cause)}`, { cause });
  }
  throw new NvrError('invalid', `The configuration ${path} is not a JSON object.`);
}
