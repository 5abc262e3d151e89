/** The commands `export` and `list` over a small archive, beside the recorder that has it open. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { look } from '../../src/app/lookPort.ts';
import type { Archive } from '../../src/archive/archive.ts';
import { exportCommand } from '../../src/cli/export.ts';
import { listCommand } from '../../src/cli/list.ts';
import { moment } from '../../src/cli/moment.ts';
import { run } from '../../src/cli/run.ts';
import { epochMs } from '../../src/domain/time.ts';
import { zone } from '../../src/domain/zone.ts';
import { record } from '../archive/exportFootage.ts';
import { encode, type Media } from '../archive/fragments.ts';
import { FRONT, openArchive, probe, START_MS, temporaryFolder } from '../archive/support.ts';

let folder: string;
let outputs: string;
let archive: Archive;
let media: Media;
beforeAll(async () => {
  folder = temporaryFolder();
  outputs = mkdtempSync(join(tmpdir(), 'nightjar-out-'));
  media = encode(3, false);
  archive = await openArchive(folder, { segmentMs: 1_000 });
  archive.ledger.beginRecording(FRONT, 'manual', epochMs(START_MS));
  await record(archive, media, 1, 0);
  archive.ledger.endRecording(FRONT, 'stopped', epochMs(START_MS + 3_000));
});
afterAll(async () => {
  await archive.close();
  rmSync(outputs, { recursive: true });
});

let said: { out: string; err: string };
beforeEach(() => {
  said = { out: '', err: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said.out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.err += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

async function nightjar(...argv: readonly string[]): Promise<number> {
  const state = ['--state-dir', join(folder, 'state'), '--time-zone', 'UTC'];
  return await run([...argv, ...state], { export: exportCommand(look), list: listCommand(look) });
}

function exporting(output: string, ...more: readonly string[]): Promise<number> {
  const from = new Date(START_MS + 400).toISOString();
  const to = String(START_MS + 2_400);
  return nightjar('export', '--camera', FRONT, '--from', from, '--to', to, '--output', output, ...more);
}

describe('nightjar export', () => {
  it('writes a file that plays, and says so in lines of JSON', async () => {
    const output = join(outputs, 'a.mp4');
    expect(await exporting(output)).toBe(0);
    expect(probe(output)).toEqual({ frames: 50, seconds: 2 });
    const lines = said.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const about = {
      camera: FRONT,
      from: new Date(START_MS + 400).toISOString().replace('Z', '+00:00'),
      to: new Date(START_MS + 2_400).toISOString().replace('Z', '+00:00'),
      bytes: readFileSync(output).length,
      output,
    };
    expect(lines).toEqual([
      { event: 'start', ...about },
      { event: 'done', ...about },
    ]);
  });

  it('replaces a file only by force', async () => {
    const output = join(outputs, 'b.mp4');
    writeFileSync(output, 'precious');
    expect(await exporting(output)).toBe(73);
    expect(said.err).toContain('exists already; --force replaces it');
    expect(readFileSync(output, 'utf8')).toBe('precious');
    expect(await exporting(output, '--force')).toBe(0);
    expect(probe(output).frames).toBe(50);
    expect(readdirSync(outputs).filter((name) => name.includes('.part'))).toEqual([]);
  });

  it('writes whole GOPs as fragments', async () => {
    const output = join(outputs, 'c.mp4');
    expect(await exporting(output, '--format', 'fmp4')).toBe(0);
    expect(probe(output).frames).toBe(75);
  });

  it.each([
    ['without a camera', ['--from', '1', '--to', '2'], 64, '--from takes'],
    ['of a camera that there is not', ['--camera', 'nobody'], 66, 'There is no camera nobody.'],
    ['without footage', ['--from', '2020-01-01', '--to', '2020-01-02'], 66, 'Nothing was recorded'],
    ['from a day that there is not', ['--from', '2026-13-40'], 64, '--from names 2026-13-40'],
    ['reversed', ['--to', `${START_MS}`], 64, '--from must be before --to'],
    ['in the future', ['--to', '9999999999999'], 64, 'in the future'],
    ['in no part', ['--part', '2'], 66, 'has 1 parts'],
    ['in a part that is no number', ['--part', 'x'], 64, '--part takes'],
    ['of an odd format', ['--format', 'avi'], 64, '--format takes'],
    ['with a flag it does not have', ['--fast'], 64, '--fast'],
    ['to a folder that is not there', ['--output', '/nowhere/x.mp4'], 69, '/nowhere/x.mp4'],
  ])('%s fails with a sentence', async (_, more, code, sentence) => {
    const output = join(outputs, 'never.mp4');
    expect(await exporting(output, ...more)).toBe(code);
    expect(said.err).toContain(sentence);
    expect(existsSync(output)).toBe(false);
  });

  it('says when there is no index', async () => {
    const code = await run(
      [
        'export',
        '--camera',
        'a',
        '--from',
        '2026-01-01',
        '--to',
        '2026-01-02',
        '--output',
        'x',
        '--state-dir',
        outputs,
      ],
      {
        export: exportCommand(look),
      },
    );
    expect([code, said.err]).toEqual([66, expect.stringContaining('There is no index of footage')]);
  });

  it('removes what it has begun when the footage goes', async () => {
    const output = join(outputs, 'd.mp4');
    const broken = exportCommand((stateDir) => ({
      ...look(stateDir),
      open: async () => ({
        bytes: 10,
        startMs: epochMs(START_MS),
        endMs: epochMs(START_MS + 1),
        async *read() {
          yield Buffer.alloc(5);
          throw new Error('gone');
        },
      }),
    }));
    const code = await run(
      [
        'export',
        '--camera',
        'a',
        '--from',
        '2026-01-01',
        '--to',
        '2026-01-02',
        '--output',
        output,
        '--state-dir',
        join(folder, 'state'),
      ],
      { export: broken },
    );
    expect([code, existsSync(output)]).toEqual([69, false]);
  });
});

describe('nightjar list', () => {
  it('tells first and last footage of each camera, and every recording of one', async () => {
    for (const more of [[], ['--camera', FRONT]]) {
      said.out = '';
      expect(await nightjar('list', ...more)).toBe(0);
      expect(
        said.out
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      ).toEqual([
        {
          camera: FRONT,
          name: null,
          from: new Date(START_MS).toISOString().replace('Z', '+00:00'),
          to: new Date(START_MS + 3_000).toISOString().replace('Z', '+00:00'),
          recordings: 1,
          hours: 0,
        },
      ]);
    }
  });
});

it('lists nothing of a camera that there is not, and says so', async () => {
  expect(await nightjar('list', '--camera', 'nobody')).toBe(66);
  expect(said.err).toContain('There is no camera nobody.');
});

describe('a moment', () => {
  const berlin = zone('Europe/Berlin');
  it.each([
    ['1774738800000', 1_774_738_800_000],
    ['2026-03-29T00:00:00Z', Date.UTC(2026, 2, 29)],
    ['2026-03-29T01:00:00.5+01:00', Date.UTC(2026, 2, 29, 0, 0, 0, 500)],
    ['2026-03-29', Date.UTC(2026, 2, 28, 23)],
    ['2026-03-29 04:00', Date.UTC(2026, 2, 29, 2)],
    ['2026-10-25 02:30:15.25', Date.UTC(2026, 9, 25, 0, 30, 15, 250)],
  ])('%s is understood', (text, ms) => {
    expect(moment(text, berlin, 'from')).toBe(ms);
  });

  it.each(['', 'yesterday', '2026-13-01', '2026-02-30', '2026-01-01 25:00', '2026-01-01 00:60', '12:00'])(
    '%j is none',
    (text) => {
      expect(() => moment(text, berlin, 'from')).toThrow(
        expect.objectContaining({ kind: 'invalid', field: 'from' }),
      );
    },
  );
});
