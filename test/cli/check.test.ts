import { afterEach, describe, expect, test, vi } from 'vitest';
import { type CheckRequest, type CheckResult, checkCommand } from '../../src/cli/check.ts';
import { NvrError } from '../../src/domain/errors.ts';

const none = { files: 0, bytes: 0 };
const same: CheckResult = { live: false, files: 3, damaged: none, movedTo: null, differences: [] };
const one = { kind: 'missing-file', message: '/media/a.mp4 is gone.' };

afterEach(() => vi.restoreAllMocks());

/** Runs the command around a check that gives this, and collects what it writes. */
async function run(argv: readonly string[], result: CheckResult | NvrError = same) {
  const said: string[] = [];
  const asked: CheckRequest[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  }
  const command = checkCommand(async (request) => {
    asked.push(request);
    request.onProgress(1, 2);
    if (result instanceof NvrError) throw result;
    return result;
  });
  const code = await command.run(argv);
  return { code, said: said.join(''), asked: asked[0] };
}

describe('nightjar check', () => {
  test.each([
    ['no difference', same, 0, '3 files: the index is what the files are.'],
    [
      'a difference',
      { ...same, differences: [{ ...one, outcome: null }] },
      1,
      '/media/a.mp4 is gone.\n3 files',
    ],
    [
      'a fixed one',
      { ...same, differences: [{ ...one, outcome: 'fixed' }] },
      0,
      'fixed: /media/a.mp4 is gone.',
    ],
    [
      'one that stays',
      { ...same, differences: [{ ...one, outcome: 'left' }] },
      1,
      'left: /media/a.mp4 is gone.',
    ],
    ['a running recorder', { ...same, live: true }, 0, 'beside a running recorder'],
    [
      'damaged files',
      { ...same, damaged: { files: 2, bytes: 1234 } },
      0,
      '2 damaged files (1234 bytes) are kept for 90 days',
    ],
    ['a damaged index', { ...same, movedTo: '/state/old' }, 0, 'The damaged index is now /state/old.'],
    ['a failure', new NvrError('conflict', 'It is locked.'), 2, 'nightjar check: It is locked.'],
  ] as const)('says what it found and ends with its code: %s', async (_, result, code, sentence) => {
    const answer = await run([], result);
    expect(answer.code).toBe(code);
    expect(answer.said).toContain(sentence);
  });

  test.each([
    [[], 'look', false],
    [['--scan'], 'look', true],
    [['--fix'], 'fix', false],
    [['--rebuild', '--scan'], 'rebuild', true],
  ] as const)('understands %o', async (argv, mode, scan) => {
    const { asked } = await run([...argv, '--media-dir', '/m', '--state-dir', '/s']);
    expect(asked).toMatchObject({ mode, scan, config: { mediaDir: '/m', stateDir: '/s' } });
  });

  test('deletes damaged files only where it changes something', async () => {
    expect(await run(['--discard-damaged'])).toMatchObject({ code: 2, asked: undefined });
    expect((await run(['--fix', '--discard-damaged'])).asked).toMatchObject({ discardDamaged: true });
  });

  test('speaks JSON', async () => {
    const { said } = await run(['--json'], { ...same, differences: [{ ...one, outcome: null }] });
    expect(JSON.parse(said)).toEqual({
      recorderRunning: false,
      files: 3,
      damaged: none,
      damagedIndexMovedTo: null,
      differences: [{ ...one, outcome: null }],
    });
  });

  test('refuses what it does not know, and explains itself', async () => {
    expect(await run(['--all'])).toMatchObject({ code: 2, asked: undefined });
    expect(await run(['--help'])).toMatchObject({ code: 0, said: expect.stringContaining('--rebuild') });
  });
});
