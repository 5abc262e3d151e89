/** Secrets at rest: sealed, bound to what they are of, and what becomes of them when the key goes. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CameraStore } from '../../src/archive/cameraStore.ts';
import { Database } from '../../src/archive/database.ts';
import { MIGRATIONS, migrate } from '../../src/archive/migrations.ts';
import { sealPasswords } from '../../src/archive/sealing.ts';
import { Vault } from '../../src/archive/vault.ts';
import type { CameraDraft } from '../../src/domain/camera.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';

const MARKER = 'marker-pa55word';
const NOW = epochMs(1_774_738_800_000);
const CAMERA: CameraDraft = {
  ...{ id: cameraId('front-door'), name: 'Front door', enabled: true, audio: true, mode: 'continuous' },
  source: { kind: 'rtsp', url: 'rtsp://192.0.2.1/', username: 'admin', password: MARKER, transport: 'tcp' },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const keyPath = () => join(folder, 'secrets.key');

/** Everything in the folder but the key, as text. */
function everythingWritten(): string {
  const files = readdirSync(folder).filter((name) => name !== 'secrets.key');
  return files.map((name) => readFileSync(join(folder, name), 'latin1')).join('\n');
}

class Lines {
  readonly said: string[] = [];
  readonly #note = (facts: object, message: string) => this.said.push(`${message} ${JSON.stringify(facts)}`);
  readonly info = this.#note;
  readonly warn = this.#note;
  readonly error = this.#note;
}

describe('the vault', () => {
  it('opens what it sealed, never twice the same, and nothing else', () => {
    const vault = new Vault(randomBytes(32));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (secret, context) => {
        const sealed = vault.seal(secret, context);
        expect(vault.open(sealed, context)).toBe(Buffer.from(secret).toString());
        expect(vault.seal(secret, context)).not.toBe(sealed);
        expect(vault.open(sealed, `${context} `)).toBeNull();
        expect(new Vault(randomBytes(32)).open(sealed, context)).toBeNull();
      }),
    );
  });

  it('takes nothing that was changed, shortened or made up', () => {
    const vault = new Vault(randomBytes(32));
    const bytes = Buffer.from(vault.seal(MARKER, 'a').slice(3), 'base64url');
    for (const at of bytes.keys()) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(vault.open(`v1.${changed.toString('base64url')}`, 'a'), String(at)).toBeNull();
      expect(vault.open(`v1.${bytes.subarray(0, at).toString('base64url')}`, 'a'), String(at)).toBeNull();
    }
    for (const text of ['', 'v1.', MARKER, 'v2.AAAA']) expect(vault.open(text, 'a')).toBeNull();
  });

  it('makes a key that only its owner can read, and finds it again', () => {
    const sealed = Vault.open(folder).seal(MARKER, 'a');
    expect(statSync(keyPath()).mode & 0o777).toBe(0o600);
    expect(Vault.open(folder).open(sealed, 'a')).toBe(MARKER);
  });

  it('closes a key file that others could read', () => {
    writeFileSync(keyPath(), randomBytes(32).toString('hex'), { mode: 0o644 });
    Vault.open(folder);
    expect(statSync(keyPath()).mode & 0o777).toBe(0o600);
  });

  it.each(['', 'abc', '00'.repeat(31), 'x'.repeat(64)])('refuses the key %j and leaves it', (text) => {
    writeFileSync(keyPath(), text);
    expect(() => Vault.open(folder)).toThrow(/is no key/);
    expect(readFileSync(keyPath(), 'utf8')).toBe(text);
  });
});

describe('passwords of cameras', () => {
  it('that an older program stored as they are get sealed, and leave no trace in the file', async () => {
    const log = new Lines();
    const path = join(folder, 'nightjar.db');
    const before = Database.open(path);
    migrate(before, MIGRATIONS);
    before.execute(`INSERT INTO camera (id, name, enabled, source, password, audio, mode, revision, created_ms, updated_ms)
      VALUES ('front-door', 'Front door', 1, '{"kind":"rtsp","url":"rtsp://192.0.2.1/","transport":"tcp"}', '${MARKER}',
      1, 'continuous', 1, 1, 1)`);
    await before.close();
    expect(everythingWritten()).toContain(MARKER);

    const database = Database.open(path);
    const vault = Vault.open(folder);
    sealPasswords(database, vault, log);
    const cameras = new CameraStore(database, vault);
    expect(cameras.get(CAMERA.id).source).toMatchObject({ password: MARKER });
    expect(everythingWritten()).not.toContain(MARKER);
    // A second start changes nothing.
    sealPasswords(database, vault, log);
    expect(cameras.get(CAMERA.id).source).toMatchObject({ password: MARKER });
    expect(log.said).toEqual([]);
    await database.close();
    expect(everythingWritten()).not.toContain(MARKER);
  });

  it('are asked for again when the key is lost, nothing else is, and the key opens them again', async () => {
    const log = new Lines();
    const database = Database.open(join(folder, 'nightjar.db'));
    migrate(database, MIGRATIONS);
    const vault = Vault.open(folder);
    sealPasswords(database, vault, log);
    new CameraStore(database, vault).insert(CAMERA, NOW);
    const key = readFileSync(keyPath());
    rmSync(keyPath());

    const other = Vault.open(folder);
    sealPasswords(database, other, log);
    const { source, ...camera } = new CameraStore(database, other).get(CAMERA.id);
    const { password: _password, ...rest } = { password: null, ...CAMERA.source };
    expect(source).toEqual(rest);
    expect(camera).toMatchObject({ name: 'Front door', mode: 'continuous' });
    expect(log.said).toEqual([expect.stringMatching(/put secrets.key back, or give them anew.*front-door/)]);

    writeFileSync(keyPath(), key);
    expect(new CameraStore(database, Vault.open(folder)).get(CAMERA.id).source).toEqual(CAMERA.source);
    await database.close();
  });

  it('do not open in the row of another camera', async () => {
    const database = Database.open(join(folder, 'nightjar.db'));
    migrate(database, MIGRATIONS);
    const cameras = new CameraStore(database, Vault.open(folder));
    cameras.insert(CAMERA, NOW);
    cameras.insert(
      { ...CAMERA, id: cameraId('trap'), source: { kind: 'test', width: 16, height: 16, fps: 5 } },
      NOW,
    );
    database.execute(`UPDATE camera SET source = (SELECT source FROM camera WHERE id = 'front-door'),
      password = (SELECT password FROM camera WHERE id = 'front-door') WHERE id = 'trap'`);
    expect(cameras.get(cameraId('trap')).source).not.toHaveProperty('password');
    await database.close();
  });
});
