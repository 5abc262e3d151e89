/** The command `verify`: whether the archive of an export is as a recorder made it. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf, NvrError } from '../domain/errors.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Command } from './run.ts';

/** What was found in an archive. */
export interface VerifyReport {
  readonly key: string;
  readonly software: string;
  readonly createdMs: EpochMs;
  readonly files: readonly { readonly name: string; readonly state: string }[];
  readonly signed: boolean;
}

const HELP = `Usage: nightjar verify FILE.zip [--key FINGERPRINT] [--json]

Checks every file of an exported archive against the manifest, and the manifest against its signature. That the
signature is of a certain recorder only its key tells: compare the fingerprint with the one that the recorder shows
under "Exports" (GET /api/v1/exports), or give it with --key.

Exit codes: 0 nothing was changed; 1 something was changed, or the key is another; 64 wrong usage;
66 no such file, or one that is no export.
`;

const SAME = 'same';
const CHANGED_CODE = 1;

/** The command, around whatever reads an archive. */
export function verifyCommand(verify: (path: string) => Promise<VerifyReport>): Command {
  return {
    describes: 'check an exported ZIP archive and its signature (see nightjar verify --help)',
    async run(argv) {
      const { positionals, values } = parsed(argv);
      if (values.help === true) {
        process.stdout.write(HELP);
        return 0;
      }
      const [path, ...more] = positionals;
      if (path === undefined || more.length > 0) {
        throw new NvrError('invalid', 'Exactly one file is needed. See nightjar verify --help.');
      }
      const report = await readable(verify, resolve(path));
      const known = values.key === undefined ? null : normal(values.key) === normal(report.key);
      const good = report.signed && known !== false && report.files.every(({ state }) => state === SAME);
      process.stdout.write(values.json === true ? asJson(report, good, known) : asText(report, good, known));
      return good ? 0 : CHANGED_CODE;
    },
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { help: { type: 'boolean' }, json: { type: 'boolean' }, key: { type: 'string' } },
    });
  } catch (cause) {
    throw new NvrError('invalid', `${messageOf(cause)} See nightjar verify --help.`, { cause });
  }
}

/** A file that cannot be read as an export is no usage error. */
async function readable(
  verify: (path: string) => Promise<VerifyReport>,
  path: string,
): Promise<VerifyReport> {
  try {
    return await verify(path);
  } catch (error) {
    if (error instanceof NvrError && error.kind === 'invalid') {
      throw new NvrError('not-found', `${path}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

function normal(fingerprint: string): string {
  return fingerprint.toLowerCase().replaceAll(/[^0-9a-f]/g, '');
}

function asJson(report: VerifyReport, good: boolean, known: boolean | null): string {
  return `${JSON.stringify({ unchanged: good, ...report, keyMatches: known })}\n`;
}

function asText(
  { key, software, createdMs, files, signed }: VerifyReport,
  good: boolean,
  known: boolean | null,
) {
  const lines = files.map(
    ({ name, state }) => `${state === SAME ? 'ok      ' : 'WRONG   '}${name}${said(state)}`,
  );
  const signature = signed ? 'is as it was signed' : 'IS NOT AS IT WAS SIGNED';
  const match = known === null ? '' : known ? ' (as expected)' : ' (ANOTHER THAN EXPECTED)';
  return [
    ...lines,
    `Made by ${software} on ${new Date(createdMs).toISOString()}; the manifest ${signature}.`,
    `Key ${key}${match}.`,
    good ? 'Nothing was changed.' : 'This is not what the recorder made.',
    '',
  ].join('\n');
}

function said(state: string): string {
  return state === SAME ? '' : `: ${state}`;
}
