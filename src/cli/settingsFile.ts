/** The command `settings`: everything that is configured into one file, and back. */
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Config } from '../config.ts';
import { messageOf, NvrError } from '../domain/errors.ts';
import { isRecord } from '../domain/record.ts';
import type { Command } from './run.ts';
import { configOf, type Flags, readFlags, settingsHelp } from './settings.ts';

/** What has settings. Its methods throw NvrError with a sentence for the user. */
export interface SettingsDoor {
  /** @param passphrase locks the passwords of cameras; null leaves them out */
  give(passphrase: string | null): Promise<unknown>;
  /** All of it or nothing. @param input a file, and a passphrase or none @returns a plan of steps */
  take(input: object, trial: boolean): Promise<unknown>;
  close(): Promise<void>;
}

/** Ways to settings: the folder of a recorder, or one that runs. */
export interface SettingsDoors {
  folder(config: Config, use: 'read' | 'change'): Promise<SettingsDoor>;
  recorder(url: string, loginFile: string): Promise<SettingsDoor>;
}

const HELP = `Usage: nightjar settings export FILE [--passphrase FILE] [--recorder URL --login FILE] [OPTIONS]
       nightjar settings import FILE [--trial] [--passphrase FILE] [--recorder URL --login FILE] [--json] [OPTIONS]

Writes all cameras with their rules, webhooks, the MQTT broker and users into FILE, or brings them back: adds and changes,
removes nothing; all of it or nothing. FILE may be -, for the standard output or input.
  --passphrase FILE  the first line of FILE locks the passwords of cameras, or unlocks them; without it they are left out,
                     and stay as they are
  --trial            say what would be done, and do nothing
  --recorder URL     of a recorder that runs, by its API; otherwise of the state folder, which can be exported beside a
                     recorder and imported only while none runs
  --login FILE       its first line is a token of an admin, or name:password; a token changes no users
  --json             the plan of an import as JSON

`;
const VALUES = ['passphrase', 'recorder', 'login'];

/** The command. */
export function settingsCommand(doors: SettingsDoors): Command {
  return {
    describes: 'write all settings into a file, or bring them back (see nightjar settings --help)',
    async run(argv) {
      const [verb = '--help', file = '', ...rest] = argv;
      if (verb === '--help') {
        process.stdout.write(`${HELP}${settingsHelp()}\n`);
        return 0;
      }
      if (verb !== 'export' && verb !== 'import')
        throw new NvrError('invalid', `There is no ${verb} of settings. See nightjar settings --help.`);
      if (file === '' || /^-./.test(file))
        throw new NvrError('invalid', 'A file is needed. See nightjar settings --help.');
      const switches = verb === 'import' ? ['trial', 'json'] : [];
      const { passphrase, recorder, login, trial, json, ...flags } = readFlags(rest, switches, VALUES);
      const secret = typeof passphrase === 'string' ? firstLine(passphrase) : null;
      const open = (use: 'read' | 'change') => doorOf(doors, { recorder, login }, flags, use);
      if (verb === 'export') await give(await open('read'), file, secret);
      else
        await take(await open('change'), file, secret, {
          trial: trial === true,
          json: json === true,
        });
      return 0;
    },
  };
}

async function doorOf(
  doors: SettingsDoors,
  { recorder, login }: Flags,
  flags: Flags,
  use: 'read' | 'change',
): Promise<SettingsDoor> {
  if (typeof recorder !== 'string') return await doors.folder(configOf(flags).config, use);
  if (!/^https?:\/\//.test(recorder) || !URL.canParse(recorder))
    throw new NvrError('invalid', '--recorder takes an address such as https://nvr:8443.', {
      field: 'recorder',
    });
  if (typeof login !== 'string')
    throw new NvrError('invalid', '--login is needed with --recorder. See nightjar settings --help.', {
      field: 'login',
    });
  return await doors.recorder(recorder, login);
}

async function give(door: SettingsDoor, file: string, passphrase: string | null): Promise<void> {
  try {
    const text = `${JSON.stringify(await door.give(passphrase), null, 2)}\n`;
    if (file === '-') process.stdout.write(text);
    else await written(file, text);
  } finally {
    await door.close();
  }
}

/** Readable by its owner only, and never in place of a file that is there. */
async function written(file: string, text: string): Promise<void> {
  if (existsSync(file)) throw new NvrError('conflict', `${file} is there already.`);
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    throw new NvrError('exhausted', `${file} can’t be written: ${messageOf(cause)}`, { cause });
  }
}

async function take(
  door: SettingsDoor,
  file: string,
  passphrase: string | null,
  { trial, json }: { readonly trial: boolean; readonly json: boolean },
): Promise<void> {
  try {
    const settings = settingsIn(file);
    const plan = await door.take({ settings, ...(passphrase !== null && { passphrase }) }, trial);
    process.stdout.write(json ? `${JSON.stringify(plan)}\n` : asText(plan, trial));
  } finally {
    await door.close();
  }
}

function settingsIn(file: string): unknown {
  try {
    const settings: unknown = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
    return settings;
  } catch (cause) {
    throw new NvrError('invalid', `The settings ${file} can’t be read: ${messageOf(cause)}`, { cause });
  }
}

function asText(plan: unknown, trial: boolean): string {
  const { steps } = isRecord(plan) ? plan : {};
  const lines = (Array.isArray(steps) ? steps : []).filter(isRecord).map(({ kind, name, action, fields }) => {
    const what = Array.isArray(fields) && fields.length > 0 ? `: ${fields.join(', ')}` : '';
    return { action, text: `${String(action).padEnd(6)}  ${String(kind).padEnd(7)}  ${String(name)}${what}` };
  });
  const changes = lines.filter(({ action }) => action !== 'leave').length;
  const verdict = trial ? `${changes} changes would be made; none was.` : `${changes} changes.`;
  return `${[...lines.map(({ text }) => text), verdict].join('\n')}\n`;
}

function firstLine(file: string): string {
  try {
    const [line = ''] = readFileSync(file, 'utf8').split(/\r?\n/, 1);
    if (line.length >= 12) return line;
  } catch (cause) {
    throw new NvrError('invalid', `The passphrase ${file} can’t be read: ${messageOf(cause)}`, { cause });
  }
  throw new NvrError('invalid', 'A passphrase has at least 12 characters.', { field: 'passphrase' });
}
