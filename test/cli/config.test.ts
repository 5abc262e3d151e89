/** The command `config`: every setting with its value and origin, and no secret. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { configCommand } from '../../src/cli/config.ts';
import { SETTINGS } from '../../src/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightjar-'));
const file = join(folder, 'nightjar.json');
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(file, { force: true });
});

async function output(...argv: string[]): Promise<string> {
  const written: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  expect(await configCommand().run(argv)).toBe(0);
  return written.join('');
}

describe('nightjar config', () => {
  it('says where each value comes from, flags before the environment before the file', async () => {
    writeFileSync(file, JSON.stringify({ port: 1111, segmentSeconds: 30, syncMs: 200 }));
    vi.stubEnv('NIGHTJAR_PORT', '2222');
    vi.stubEnv('NIGHTJAR_SEGMENT_SECONDS', '40');
    const rows = JSON.parse(await output('--json', '--config', file, '--port', '3333'));
    expect(rows).toMatchObject({
      port: { value: 3333, origin: 'flag' },
      segmentSeconds: { value: 40, origin: 'environment' },
      syncMs: { value: 200, origin: 'file' },
      host: { value: '127.0.0.1', origin: 'default' },
    });
    expect(Object.keys(rows)).toEqual(Object.keys(SETTINGS));
  });

  it('prints a line for each setting', async () => {
    const lines = (await output('--port', '3333')).trimEnd().split('\n');
    expect(lines).toHaveLength(Object.keys(SETTINGS).length);
    expect(lines.find((line) => line.startsWith('port '))).toMatch(/^port +flag +3333$/);
  });

  it('shows no secret, only whether there is one', async () => {
    vi.stubEnv('NIGHTJAR_ADMIN_PASSWORD', 'marker-pa55word');
    for (const argv of [[], ['--json']]) {
      const text = await output(...argv);
      expect(text).not.toContain('marker');
      expect(text).toContain('(set)');
    }
  });

  it('refuses what it does not know', async () => {
    writeFileSync(file, JSON.stringify({ prot: 1 }));
    await expect(configCommand().run(['--config', file])).rejects.toThrow('There is no setting prot.');
    await expect(configCommand().run(['--nonsense'])).rejects.toThrow('--help');
  });

  it('explains itself', async () => {
    expect(await output('--help')).toMatch(/^Usage: nightjar config[\s\S]*--media-dir/);
  });
});
