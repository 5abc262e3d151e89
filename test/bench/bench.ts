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
} as const;

/** Runs what the arguments ask for. @returns the exit code */
export async function bench(argv: readonly string[]): Promise<number> {
  const { positionals, values } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  const name = positionals[0] ?? 'record';
  const scenario = SCENARIOS[name];
  if (scenario === undefined || positionals.length > 1) {
    console.error(usage());
    return 2;
  }
  const settings = settingsOf({ ...DEFAULTS, ...scenario.defaults }, values);
  const before = machineFacts();
  const tables = await scenario.run(settings, (line) => console.error(line));
  const after = machineFacts();
  console.log(`${before.processor}, ${before.cores} cores, ${before.memoryGiB} GiB, Linux ${before.kernel}`);
  console.log(`Node ${before.node}, ${before.gstreamer}, ${before.ffmpeg}`);
  console.log(`${before.date}, load ${before.load.join(' ')} before, ${after.load.join(' ')} after\n`);
  for (const table of tables) console.log(textOf(table));
  if (values.json !== undefined) {
    const results = { scenario: name, settings, before, after, tables };
    writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
  }
  return 0;
}

function settingsOf(defaults: Settings, given: Readonly<Record<string, string | undefined>>): Settings {
  const number = (key: string, otherwise: number) => {
    const value = Number(given[key] ?? otherwise);
    if (!(value > 0)) throw new Error(`--${key} is a number above 0.`);
    return value;
  };
  const { cameras, only } = given;
  return {
    cameras: cameras === undefined ? defaults.cameras : cameras.split(',').map(Number),
    settle: number('settle', defaults.settle),
    measure: number('seconds', defaults.measure),
    repeat: number('repeat', defaults.repeat),
    hours: number('hours', defaults.hours),
    only: only?.split(',') ?? defaults.only,
  };
}

function usage(): string {
  const lines = Object.entries(SCENARIOS).map(([name, { describes }]) => `  ${name.padEnd(10)} ${describes}`);
  return [
    'Usage: npm run bench -- SCENARIO [--cameras 1,8,32] [--settle S] [--seconds S] [--repeat N] [--hours H]',
    '                        [--only SUBJECT,…] [--json FILE]',
    '',
    ...lines,
  ].join('\n');
}
