/**
 * The design as a test: `src/README.md`, "Rooms and doors". The rules are in `support/architecture.ts`; made-up
 * sources show first that each of them can fail.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { violations } from './support/architecture.ts';

const DOC = '/** What belongs here. */\n';

/** [what is shown, path, source, what has to be said; nothing when the source is in order] */
const CASES: readonly (readonly [string, string, string, RegExp?])[] = [
  ['domain imports domain', 'src/domain/a.ts', "import { b } from './b.ts';"],
  [
    'domain imports mp4',
    'src/domain/a.ts',
    "import { b } from '../mp4/b.ts';",
    /\(domain\) may not import src\/mp4\/b/,
  ],
  ['mp4 imports domain', 'src/mp4/a.ts', "import type { B } from '../domain/b.ts';"],
  [
    'a room imports its neighbour',
    'src/live/a.ts',
    "import { b } from '../archive/b.ts';",
    /\(live\) may not/,
  ],
  ['…as a type', 'src/live/a.ts', "import type { B } from '../media/b.ts';", /\(live\) may not/],
  ['…in a type', 'src/live/a.ts', "type B = import('../media/b.ts').B;", /\(live\) may not/],
  ['…for re-export', 'src/live/a.ts', "export * from '../media/b.ts';", /\(live\) may not/],
  ['…late', 'src/live/a.ts', "await import('../media/b.ts');", /\(live\) may not/],
  ['…by a path that is computed', 'src/live/a.ts', 'await import(name);', /a path that is computed/],
  ['http imports archive', 'src/http/a/b.ts', "import { c } from '../../archive/c.ts';", /\(http\) may not/],
  ['app imports every room', 'src/app.ts', "import { c } from './archive/c.ts';"],
  ['app imports main', 'src/app.ts', "import { c } from './main.ts';", /\(app\) may not import src\/main/],
  ['main imports app', 'src/main.ts', "import { c } from './app.ts';"],
  [
    'a room imports app',
    'src/media/a.ts',
    "import { c } from '../app.ts';",
    /\(media\) may not import src\/app/,
  ],
  ['a room that nobody planned', 'src/utils/a.ts', '', /no room that the design knows/],
  ['src imports a test', 'src/live/a.ts', "import { b } from '../../test/b.ts';", /outside src/],
  ['src imports declarations', 'src/http/a.ts', "import type { B } from '../../types/b.ts';"],
  ['src runs what is in types', 'src/http/a.ts', "import { B } from '../../types/b.ts';", /outside src/],
  ['an import in a comment', 'src/domain/a.ts', "// import { b } from '../mp4/b.ts';"],
  ['an import in a string', 'src/domain/a.ts', 'const a = "import { b } from \'../mp4/b.ts\'";'],

  ['node-gtk through its door', 'src/media/gst.ts', "import gi from 'node-gtk';"],
  [
    'node-gtk beside its door',
    'src/media/run.ts',
    "import gi from 'node-gtk';",
    /only door is src\/media\/gst\.ts/,
  ],
  ['the driver through its door', 'src/archive/database.ts', "import Database from 'better-sqlite3';"],
  [
    'the driver beside it',
    'src/archive/a.ts',
    "import type D from 'better-sqlite3';",
    /only door is src\/archive/,
  ],

  ['Date.now in domain', 'src/domain/a.ts', 'const a = Date.now();', /uses Date\.now/],
  ['Date.now, passed on', 'src/mp4/a.ts', 'const a = { now: Date.now };', /uses Date\.now/],
  ['Date.now, spelt otherwise', 'src/mp4/a.ts', "const a = Date['now']();", /uses Date\.now/],
  ['Date.now elsewhere', 'src/media/a.ts', 'const a = Date.now();'],
  ['new Date()', 'src/domain/a.ts', 'const a = new Date();', /new Date\(\)/],
  ['new Date(ms)', 'src/domain/a.ts', 'const a = new Date(ms);'],
  ['Math.random', 'src/domain/a.ts', 'const a = Math.random();', /uses Math\.random/],
  ['Temporal.Now', 'src/domain/a.ts', 'const a = Temporal.Now.instant();', /uses Temporal\.Now/],
  ['performance', 'src/mp4/a.ts', 'const a = performance.now();', /uses performance/],
  ['a timer', 'src/domain/a.ts', 'setTimeout(() => 1, 2);', /uses setTimeout/],
  ['process', 'src/domain/a.ts', 'const { env } = process;', /uses process/],
  ['through globalThis', 'src/domain/a.ts', 'const a = globalThis.process;', /uses globalThis/],
  ['a property called process', 'src/domain/a.ts', 'const a = b.process; interface C { process: 1 }'],
  ['the disk', 'src/mp4/a.ts', "import { readFileSync } from 'node:fs';", /imports node:fs/],
  ['chance', 'src/domain/a.ts', "import { randomUUID } from 'node:crypto';", /imports node:crypto/],
  ['a type of the disk', 'src/mp4/a.ts', "import type { Stats } from 'node:fs';"],

  ['300 lines', 'src/live/a.ts', '\n'.repeat(299)],
  ['301 lines', 'src/live/a.ts', '\n'.repeat(300), /has 301 lines/],
  ['a long test', 'test/live/a.test.ts', '\n'.repeat(900)],
  ['what does not parse', 'src/live/a.ts', 'const = ;', /does not parse/],

  ['the page uses a pure rule', 'web/a.tsx', "import { b } from '../src/domain/b.ts';"],
  ['the page uses a type', 'web/a.tsx', "import type { B } from '../src/http/b.ts';"],
  [
    'the page runs the server',
    'web/a.tsx',
    "import { b } from '../src/http/b.ts';",
    /\(web\) may not import src\/http/,
  ],

  ['test.only', 'test/a.test.ts', "test.only('a', () => {});", /holds test\.only/],
  ['describe.skip', 'test/a.test.ts', "describe.skip('a', () => {});", /holds describe\.skip/],
  [
    'it.concurrent.skip',
    'test/a.test.ts',
    "it.concurrent.skip('a', () => {});",
    /holds it\.concurrent\.skip/,
  ],
  ['test.skip.each', 'test/a.test.ts', "test.skip.each([1])('a', () => {});", /holds test\.skip/],
  ['test.todo', 'test/a.test.ts', "test.todo('a');", /holds test\.todo/],
  ['.only of something else', 'test/a.test.ts', 'const a = rules.only;'],
  ['.only in a string', 'test/a.test.ts', "const a = 'test.only';"],
];

/** The source files below a folder, each as `folder/…`; none when there is no such folder. */
function sourcesIn(folder: URL, name: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => /\.(ts|tsx|mjs)$/.test(file)).map((file) => `${name}/${file}`);
}

describe('the rules can fail', () => {
  test.for(CASES)('%s', ([, path, source, wrong]) => {
    const said = violations(path, DOC + source);
    expect(said).toEqual(wrong ? [expect.stringMatching(wrong)] : []);
  });

  test.each([
    ['no comment', 'export const a = 1;\n'],
    ['a plain comment', '// What belongs here.\nexport const a = 1;\n'],
    ['a doc comment further down', 'export const a = 1;\n/** a */\n'],
  ])('a file that opens with %s', (_, source) => {
    expect(violations('src/live/a.ts', source)).toEqual(['src/live/a.ts does not open with a doc comment']);
  });

  test('a program may open with the line that names its interpreter', () => {
    expect(violations('src/cli/a.mjs', `#!/usr/bin/env node\n${DOC}`)).toEqual([]);
  });
});

describe('the sources keep them', () => {
  const root = new URL('..', import.meta.url);
  const folders = ['src', 'web', 'types', 'test'];
  const sources = folders.flatMap((folder) => sourcesIn(new URL(folder, root), folder)).sort();

  test('there are sources', () => {
    expect(sources).toContain('src/domain/errors.ts');
    expect(sources).toContain('test/architecture.test.ts');
  });

  test.each(sources)('%s', (file) => {
    expect(violations(file, readFileSync(new URL(file, root), 'utf8'))).toEqual([]);
  });
});
