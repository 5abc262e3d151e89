import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Database } from '../../src/archive/database.ts';
import { MIGRATIONS, migrate } from '../../src/archive/migrations.ts';
import { temporaryFolder } from './support.ts';

const TWO = [
  { name: 'one', sql: 'CREATE TABLE one (n INTEGER) STRICT; INSERT INTO one VALUES (1);' },
  { name: 'two', sql: 'CREATE TABLE two (n INTEGER) STRICT; INSERT INTO two SELECT n + 1 FROM one;' },
];

describe('migrate', () => {
  it('brings an empty file to the newest schema, and an up-to-date one nowhere', () => {
    const database = Database.open(join(temporaryFolder(), 'a.db'));
    expect(migrate(database)).toEqual({ from: 0, to: MIGRATIONS.length });
    expect(migrate(database)).toEqual({ from: MIGRATIONS.length, to: MIGRATIONS.length });
    expect(tables(database)).toEqual(
      expect.arrayContaining(['camera', 'garbage', 'gap', 'open_segment', 'recording', 'run', 'segment']),
    );
  });

  it('takes only the steps the file has not taken', () => {
    const database = Database.open(join(temporaryFolder(), 'a.db'));
    migrate(database, TWO.slice(0, 1));
    database.execute('UPDATE one SET n = 41');
    expect(migrate(database, TWO)).toEqual({ from: 1, to: 2 });
    expect(database.prepare<[], { n: number }>('SELECT n FROM two').all()).toEqual([{ n: 42 }]);
  });

  it('leaves the file as it was when a step fails half-way', () => {
    const database = Database.open(join(temporaryFolder(), 'a.db'));
    const broken = [
      ...TWO,
      { name: 'three', sql: 'CREATE TABLE three (n); INSERT INTO nowhere VALUES (1);' },
    ];
    expect(() => migrate(database, broken)).toThrow(/schema 3 \(three\).*no such table: nowhere/);
    expect(database.version).toBe(2);
    expect(tables(database)).toEqual(['one', 'two']);
  });

  it('refuses a file of a newer program and does not touch it', () => {
    const database = Database.open(join(temporaryFolder(), 'a.db'));
    database.version = 99;
    expect(() => migrate(database)).toThrow(
      expect.objectContaining({ kind: 'conflict', message: expect.stringContaining('newer Nightjar') }),
    );
    expect(tables(database)).toEqual([]);
    expect(database.version).toBe(99);
  });
});

function tables(database: Database): string[] {
  const sql =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
  return database
    .prepare<[], { name: string }>(sql)
    .all()
    .map((row) => row.name);
}
