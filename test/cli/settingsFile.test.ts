/** `nightjar settings`, over real state folders: out of one, into another, and what is refused. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { settingsOfFolder } from '../../src/app/settingsDoors.ts';
import { Database, lockFile } from '../../src/archive/database.ts';
import { migrate } from '../../src/archive/migrations.ts';
import { SettingsIndex } from '../../src/archive/settingsIndex.ts';
import { run } from '../../src/cli/run.ts';
import { type SettingsDoor, settingsCommand } from '../../src/cli/settingsFile.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';

const AT = epochMs(1_774_738_800_000);
const CAM = cameraId('door');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-settings-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);

/** A state folder with an admin. */
async function state(name: string): Promise<string> {
  const dir = mkdtempSync(at(name));
  const database = Database.open(join(dir, 'nightjar.db'));
  migrate(database);
  await database.close();
  const rights = { role: 'admin', cameras: 'all', enabled: true } as const;
  await inside(dir, ({ access }) =>
    access.users.insert({ name: 'admin', ...rights, passwordHash: '$hash', createdMs: AT, loginMs: null }),
  );
  return dir;
}

async function inside<T>(dir: string, work: (index: SettingsIndex) => T): Promise<T> {
  const index = SettingsIndex.open(dir, 'change');
  try {
    return work(index);
  } finally {
    await index.close();
  }
}

/** Runs the command as the process does. */
async function nightjar(...argv: string[]) {
  const said: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  }
  const recorder = () => expect.unreachable();
  const folderDoor = async (...where: Parameters<typeof settingsOfFolder>) => settingsOfFolder(...where);
  const settings = settingsCommand({ folder: folderDoor, recorder });
  const code = await run(['settings', ...argv], { settings });
  vi.restoreAllMocks();
  return { code, said: said.join('') };
}

async function filled(): Promise<string> {
  const dir = await state('from');
  const source = { kind: 'rtsp', url: 'rtsp://192.0.2.1/a', password: 'hidden', transport: 'tcp' } as const;
  await inside(dir, ({ cameras, access }) => {
    cameras.insert({ id: CAM, name: 'Door', enabled: true, source, audio: true, mode: 'manual' }, AT);
    const rights = { role: 'viewer', cameras: [CAM], enabled: true } as const;
    access.users.insert({ name: 'ann', ...rights, passwordHash: '$hash', createdMs: AT, loginMs: null });
  });
  return dir;
}

describe('nightjar settings', () => {
  it('takes all settings from one folder to another, passwords by a passphrase', async () => {
    const [from, to] = [await filled(), await state('to')];
    const [file, passphrase] = [at('file.json'), at('passphrase')];
    writeFileSync(passphrase, 'correct horse battery\n');
    const given = await nightjar('export', file, '--passphrase', passphrase, '--state-dir', from);
    expect(given).toEqual({ code: 0, said: '' });
    expect(readFileSync(file, 'utf8')).not.toMatch(/hidden|\$hash/);
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const options = [file, '--passphrase', passphrase, '--state-dir', to];
    const trial = await nightjar('import', ...options, '--trial');
    expect([trial.code, trial.said]).toEqual([
      0,
      expect.stringContaining('2 changes would be made; none was.'),
    ]);
    expect(await inside(to, ({ cameras }) => cameras.list())).toEqual([]);
    const done = await nightjar('import', ...options);
    expect(done.said).toContain('add     camera   door\n');
    expect(done.said).toContain('2 changes.');
    await inside(to, ({ cameras, access }) => {
      expect(cameras.get(CAM)).toMatchObject({ name: 'Door', source: { password: 'hidden' } });
      expect(access.users.find('ann')).toMatchObject({ role: 'viewer', enabled: false });
    });
    const again = await nightjar('import', ...options, '--json');
    const { steps }: { steps: { action: string }[] } = JSON.parse(again.said);
    expect(new Set(steps.map(({ action }) => action))).toEqual(new Set(['leave']));
  });

  it('exports beside a recorder that runs, and imports into none', async () => {
    const dir = await filled();
    const unlock = lockFile(join(dir, 'nightjar.lock'));
    try {
      expect((await nightjar('export', at('a.json'), '--state-dir', dir)).code).toBe(0);
      const refused = await nightjar('import', at('a.json'), '--state-dir', dir);
      expect([refused.code, refused.said]).toEqual([
        73,
        expect.stringContaining('is using this state folder'),
      ]);
    } finally {
      unlock();
    }
  });

  it('replaces no file', async () => {
    writeFileSync(at('file.json'), 'mine');
    const answer = await nightjar('export', at('file.json'), '--state-dir', await filled());
    expect([answer.code, answer.said]).toEqual([73, expect.stringContaining('is there already')]);
    expect(readFileSync(at('file.json'), 'utf8')).toBe('mine');
  });

  test.each([
    ['no JSON', '{', 64, /can’t be read/],
    ['no settings', '{"version":1}', 64, /This is no file of settings: settings must have/],
    [
      'a forbidden address',
      '{"version":1,"exportedMs":0,"webhooks":[],"cameras":[{"id":"a","name":"a","source":{"kind":"rtsp","url":"rtsp://169.254.169.254/"}}]}',
      77,
      /169\.254/,
    ],
  ])('refuses %s, and changes nothing', async (_, text, code, sentence) => {
    const dir = await state('to');
    writeFileSync(at('file.json'), text);
    const answer = await nightjar('import', at('file.json'), '--state-dir', dir);
    expect([answer.code, answer.said]).toEqual([code, expect.stringMatching(sentence)]);
    expect(await inside(dir, ({ cameras }) => cameras.list())).toEqual([]);
  });

  test.each([
    [['burn', 'x'], 64, 'There is no burn of settings'],
    [['export'], 64, 'A file is needed'],
    [['export', '--json'], 64, 'A file is needed'],
    [['export', 'x', '--trial'], 64, '--trial'],
    [['export', 'x', '--recorder', 'nvr'], 64, 'takes an address'],
    [['export', 'x', '--recorder', 'http://nvr'], 64, '--login is needed'],
    [['export', 'x', '--state-dir', '/nowhere'], 66, 'There is no index of a recorder'],
    [['--help'], 0, 'Usage: nightjar settings export FILE'],
  ])('%j ends with %i', async (argv, code, sentence) => {
    const answer = await nightjar(...argv);
    expect([answer.code, answer.said]).toEqual([code, expect.stringContaining(sentence)]);
    expect(existsSync('x')).toBe(false);
  });
});

it('asks a recorder that runs, with the login of a file', async () => {
  const asked: unknown[] = [];
  const door: SettingsDoor = {
    give: async () => ({ version: 1 }),
    take: async (...input) => {
      asked.push(input);
      return { steps: [] };
    },
    close: async () => void asked.push('closed'),
  };
  const recorder = async (...where: string[]) => {
    asked.push(where);
    return door;
  };
  const command = settingsCommand({ folder: () => expect.unreachable(), recorder });
  writeFileSync(at('file.json'), '{"version":1}');
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const where = ['--recorder', 'https://nvr:8443', '--login', at('login')];
  expect(await command.run(['import', at('file.json'), '--trial', ...where])).toBe(0);
  expect(asked).toEqual([['https://nvr:8443', at('login')], [{ settings: { version: 1 } }, true], 'closed']);
});
