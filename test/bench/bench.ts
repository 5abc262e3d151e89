/** The command line of the benches: which scenario, with what, and where the numbers go. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { activity } from './activity.ts';
import { archive, year } from './archive.ts';
import { encode } from './encode.ts';
import { exports } from './export.ts';
import { live } from './live.ts';
import { pictures } from './pictures.ts';
import { record } from './record.ts';
import { machineFacts, textOf } from './report.ts';
import type { Scenario, Settings } from './scenario.ts';
import { start } from './start.ts';
import { flaps, soak, storm } from './troubles.ts';
import { watch } from './watch.ts';

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  record,
  watch,
  start,
  storm,
  live,
  flaps,
  archive,
  year,
  activity,
  export: exports,
  pictures,
  encode,
  soak,
};

const DEFAULTS: Settings = {
  cameras: [1, 8, 32],
  settle: 8,
  measure: 20,
  repeat: 3,
  hours: 1,
  only: [],
};

const OPTIONS = {
  cameras: { type: 'string' },
  settle: { type: 'string' },
  seconds: { type: 'string' },
  repeat: { type: 'string' },
  hours: { type: 'string' },
  only: { type: 'string' },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Runs what the arguments ask for. @returns the exit code */
export async function bench(argv: readonly string[]): Promise<number> {
  const asked = understood(argv);
  if (asked === 'help') {
    console.log(usage());
    return 0;
  }
  if ('wrong' in asked) {
    console.error(`${asked.wrong}\n\n${usage()}`);
    return 2;
  }
  const { name, scenario, settings, json } = asked;
  const before = machineFacts();
  const tables = await scenario.run(settings, (line) => console.error(line));
  const after = machineFacts();
  console.log(`${before.processor}, ${before.cores} cores, ${before.memoryGiB} GiB, Linux ${before.kernel}`);
  console.log(`Node ${before.node}, ${before.gstreamer}, ${before.ffmpeg}`);
  console.log(`${before.date}, load ${before.load.join(' ')} before, ${after.load.join(' ')} after\n`);
  for (const table of tables) console.log(textOf(table));
  if (json !== undefined) {
    const results = { scenario: name, settings, before, after, tables };
    writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
  }
  return 0;
}

interface Asked {
  readonly name: string;
  readonly scenario: Scenario;
  readonly settings: Settings;
  /** Where the numbers go as JSON as well. */
  readonly json: string | undefined;
}

/** What the arguments ask for, or what is wrong with them. */
function understood(argv: readonly string[]): Asked | 'help' | { readonly wrong: string } {
  try {
    const { positionals, values } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
    const { help = false, json, ...given } = values;
    if (help) return 'help';
    const [name = 'record', ...more] = positionals;
    const scenario = SCENARIOS[name];
    if (scenario === undefined || more.length > 0) {
      return { wrong: `There is no scenario ${[name, ...more].join(' ')}.` };
    }
    return { name, scenario, settings: settingsOf({ ...DEFAULTS, ...scenario.defaults }, given), json };
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) };
  }
}

function settingsOf(defaults: Settings, given: Readonly<Record<string, string | undefined>>): Settings {
  const number = (key: string, otherwise: number) => {
    const value = Number(given[key] ?? otherwise);
    if (!(value > 0)) throw new Error(`--${key} is a number above 0.`);
    return value;
  };
  const { cameras, only } = given;
  return {
    cameras: cameras === undefined ? defaults.cameras : cameras.split(',').map(countOf),
    settle: number('settle', defaults.settle),
    measure: number('seconds', defaults.measure),
    repeat: number('repeat', defaults.repeat),
    hours: number('hours', defaults.hours),
    only: only?.split(',') ?? defaults.only,
  };
}

function countOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new Error('--cameras is one whole number above 0, or several.');
  return count;
}

function usage(): string {
  const lines = Object.entries(SCENARIOS).map(([name, { describes }]) => `  ${name.padEnd(10)} ${describes}`);
  return [
    'Usage: npm run bench -- SCENARIO [--cameras 1,8,32] [--settle S] [--seconds S] [--repeat N] [--hours H]',
    '                        [--only SUBJECT,…] [--json FILE] [--help]',
    '',
    ...lines,
  ].join('\n');
}
