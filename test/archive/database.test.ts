import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Database, lockFile } from '../../src/archive/database.ts';
import { temporaryFolder } from './support.ts';

describe('Database', () => {
  it('stores whole numbers past 2^31 exactly, as integers', async () => {
    const database = Database.open(join(temporaryFolder(), 'a.db'));
    database.execute('CREATE TABLE t (n INTEGER NOT NULL) STRICT');
    const values = [0, 2 ** 31, 2 ** 32 + 1, 253_402_300_799_999, Number.MAX_SAFE_INTEGER];
    const insert = database.prepare<[number]>('INSERT INTO t VALUES (?)');
    for (const value of values) insert.run(value);
    const rows = database
      .prepare<[], { n: number; kind: string }>('SELECT n, typeof(n) AS kind FROM t')
      .all();
    expect(rows).toEqual(values.map((n) => ({ n, kind: 'integer' })));
    await database.close();
  });

  it('rolls back a transaction that throws, and gives its error', async () => {
    const database = Database.open(join(temporaryFolder(), 'a.db'));
    database.execute('CREATE TABLE t (n INTEGER UNIQUE) STRICT');
    expect(() =>
      database.transaction(() => {
        database.execute('INSERT INTO t VALUES (1)');
        database.execute('INSERT INTO t VALUES (1)');
      }),
    ).toThrow(expect.objectContaining({ name: 'NvrError', kind: 'conflict' }));
    expect(database.prepare<[], unknown>('SELECT * FROM t').all()).toEqual([]);
    await database.close();
  });

  it('gives a new file to nobody else to read', async () => {
    const path = join(temporaryFolder(), 'a.db');
    const database = Database.open(path);
    database.execute('CREATE TABLE t (n INTEGER) STRICT');
    for (const file of [path, `${path}-wal`]) expect(statSync(file).mode & 0o777).toBe(0o600);
    await database.close();
  });

  it('says what is wrong with a file that is no database', () => {
    const path = join(temporaryFolder(), 'a.db');
    writeFileSync(path, 'Not a database, whatever its name says. '.repeat(100));
    expect(() => Database.open(path)).toThrow(
      expect.objectContaining({ kind: 'internal', message: expect.stringContaining('rebuild it') }),
    );
  });

  it('says that the disk is full', async () => {
    const database = Database.open(join(temporaryFolder(), 'a.db'));
    database.execute('CREATE TABLE t (b BLOB); PRAGMA max_page_count = 10');
    const insert = database.prepare<[Buffer]>('INSERT INTO t VALUES (?)');
    expect(() => insert.run(Buffer.alloc(1 << 20))).toThrow(expect.objectContaining({ kind: 'exhausted' }));
    await database.close();
  });

  it('refuses a path it cannot open', () => {
    const path = join(temporaryFolder(), 'missing', 'a.db');
    expect(() => Database.open(path)).toThrow(expect.objectContaining({ kind: 'unavailable' }));
  });

  it('flushes what was committed, also when asked many times at once', async () => {
    const database = Database.open(join(temporaryFolder(), 'a.db'));
    database.execute('CREATE TABLE t (n INTEGER) STRICT');
    await expect(Promise.all(Array.from({ length: 20 }, () => database.flush()))).resolves.toHaveLength(20);
    await database.close();
    await expect(database.flush()).rejects.toThrow(expect.objectContaining({ kind: 'unavailable' }));
  });
});

describe('closing a database', () => {
  it('does not wait for a disk that does not answer, and loses nothing', async () => {
    const path = join(temporaryFolder(), 'a.db');
    const database = Database.open(path);
    database.execute('CREATE TABLE t (n INTEGER) STRICT; INSERT INTO t VALUES (1)');
    let answer: () => void = () => undefined;
    const hanging = new Promise<void>((resolve) => {
      answer = resolve;
    });
    vi.spyOn(database, 'flush').mockReturnValue(hanging);
    expect(await database.close()).toBe(false);
    const other = Database.openToRead(path);
    expect(other.prepare<[], { n: number }>('SELECT n FROM t').all()).toEqual([{ n: 1 }]);
    expect(await other.close()).toBe(true);
    answer();
    // Then it is closed as ever.
    await expect.poll(() => existsSync(`${path}-wal`)).toBe(false);
  });
});

describe('lockFile', () => {
  it('is held by one at a time and may be taken again', () => {
    const path = join(temporaryFolder(), 'lock');
    const release = lockFile(path);
    expect(() => lockFile(path)).toThrow(expect.objectContaining({ kind: 'conflict' }));
    release();
    lockFile(path)();
    expect(() => lockFile(path)()).not.toThrow();
  });

  it('keeps other processes out, and goes with the process that is killed', async () => {
    const path = join(temporaryFolder(), 'lock');
    const source = `const Sqlite = require('better-sqlite3'); globalThis.held = new Sqlite(process.argv[1]);
      held.exec('BEGIN EXCLUSIVE'); console.log('held'); setInterval(() => {}, 1000);`;
    const other = spawn(process.execPath, ['-e', source, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(other.stdout, 'data');
    expect(() => lockFile(path)).toThrow(expect.objectContaining({ kind: 'conflict' }));
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect(() => lockFile(path)()).not.toThrow();
  });
});
