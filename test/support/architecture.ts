/**
 * The checks behind `test/architecture.test.ts`: what a file may import, use and look like, as `src/README.md`
 * ("Rooms and doors") says. Pure: source text in, sentences about what is wrong with it out.
 */
import { posix } from 'node:path';
import { parseSync } from 'vite';

const MAX_LINES = 300;
/** Files that may be longer, each with its reason beside it. */
const LONGER: readonly string[] = [
  // One table of texts each, which a translator reads from top to bottom.
  'web/words/en.ts',
  'web/words/ko.ts',
  'web/words/more/en.ts',
  'web/words/more/ko.ts',
];

/** Each room, and the rooms it may import besides itself. */
const ROOMS = new Map<string, readonly string[]>([
  ['domain', []],
  ['inherited', []],
  ['mp4', ['domain']],
  ['media', ['domain', 'mp4', 'inherited']],
  ['archive', ['domain', 'mp4']],
  ['live', ['domain', 'mp4']],
  ['cameras', ['domain', 'mp4', 'inherited']],
  ['http', ['domain']],
  ['cli', ['domain', 'config']],
  ['config', ['domain']],
  ['app', ['domain', 'mp4', 'media', 'archive', 'live', 'cameras', 'http', 'config']],
  ['main', ['domain', 'mp4', 'media', 'archive', 'live', 'cameras', 'http', 'cli', 'config', 'app']],
]);

/** Packages with one door each. */
const DOORS = new Map([
  ['node-gtk', 'src/media/gst.ts'],
  ['better-sqlite3', 'src/archive/database.ts'],
]);

/** Imports of a path that is put together at run time, which cannot be checked: the set-up becomes the build. */
const COMPUTED_IMPORTS: readonly string[] = ['src/cli/setup.mjs'];

const PURE_ROOMS: readonly string[] = ['domain', 'mp4'];
/** Modules of Node that know neither the time, nor the disk, nor the network, nor chance. */
const PURE_MODULES: readonly string[] = ['node:buffer'];
const IMPURE_GLOBALS: readonly string[] = [
  ...['performance', 'process', 'globalThis', 'console', 'fetch', 'crypto', 'require'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'queueMicrotask'],
];
const IMPURE_MEMBERS: readonly string[] = ['Date.now', 'Math.random', 'Temporal.Now'];
const UNFINISHED: readonly string[] = ['only', 'skip', 'todo', 'fails'];
const TEST_FUNCTIONS: readonly string[] = ['test', 'it', 'describe', 'suite', 'bench'];

/** A node of the ESTree syntax tree: any of its values may be a child; these are the ones we read. */
interface Node {
  readonly type: string;
  readonly name?: unknown;
  readonly value?: unknown;
  readonly object?: unknown;
  readonly property?: unknown;
  readonly computed?: unknown;
  readonly callee?: unknown;
  readonly arguments?: unknown;
  readonly source?: unknown;
  readonly importKind?: unknown;
  readonly exportKind?: unknown;
}

interface Import {
  /** '' when it is no constant. */
  readonly from: string;
  readonly typeOnly: boolean;
}

/**
 * Everything that is wrong with one file.
 * @param path relative to the root, with forward slashes
 */
export function violations(path: string, source: string): readonly string[] {
  const { program, comments, errors } = parseSync(path, source);
  const found = [...walk(program)];
  const wrong = errors.map((error) => `does not parse: ${error.message}`);
  if (path.startsWith('test/')) return say(path, [...wrong, ...unfinishedTests(found)]);
  const opening = source.replace(/^#!.*\n/, '').trimStart();
  if (!opening.startsWith('/**') || comments.length === 0) wrong.push('does not open with a doc comment');
  const lines = source.split('\n').length - 1;
  if (lines > MAX_LINES && !LONGER.includes(path)) wrong.push(`has ${lines} lines; ${MAX_LINES} is the most`);
  const imports = found.flatMap(importOf);
  if (path.startsWith('web/')) return say(path, [...wrong, ...importsOfWeb(path, imports)]);
  if (!path.startsWith('src/')) return say(path, wrong);
  wrong.push(...importsOfRoom(path, imports));
  if (PURE_ROOMS.includes(roomOf(path))) wrong.push(...impurities(found));
  return say(path, wrong);
}

const say = (path: string, wrong: readonly string[]) => [...new Set(wrong)].map((each) => `${path} ${each}`);

/** `src/mp4/moof.ts` → `mp4`, `src/app.ts` → `app`. */
function roomOf(path: string): string {
  return path.split('/')[1]?.replace(/\.\w+$/, '') ?? '';
}

function importsOfRoom(path: string, imports: readonly Import[]): readonly string[] {
  const room = roomOf(path);
  const below = ROOMS.get(room);
  if (!below) return [`is in no room that the design knows (${room})`];
  return imports.flatMap(({ from, typeOnly }) => {
    if (from === '') return COMPUTED_IMPORTS.includes(path) ? [] : ['imports a path that is computed'];
    if (!from.startsWith('.')) return importOfPackage(path, from, typeOnly);
    const target = posix.join(posix.dirname(path), from);
    // Declarations describe packages; they hold no code.
    if (target.startsWith('types/') && typeOnly) return [];
    if (!target.startsWith('src/')) return [`imports ${target}, which is outside src`];
    const there = roomOf(target);
    return there === room || below.includes(there) ? [] : [`(${room}) may not import ${target}`];
  });
}

function importOfPackage(path: string, name: string, typeOnly: boolean): readonly string[] {
  const door = DOORS.get(name);
  if (door && door !== path) return [`imports ${name}, whose only door is ${door}`];
  const pure = PURE_ROOMS.includes(roomOf(path)) && !typeOnly;
  return pure && name.startsWith('node:') && !PURE_MODULES.includes(name)
    ? [`is pure and imports ${name}`]
    : [];
}

/** The page knows the server by its API: it shares types with it and the pure rules, nothing that runs there. */
function importsOfWeb(path: string, imports: readonly Import[]): readonly string[] {
  return imports.flatMap(({ from, typeOnly }) => {
    const target = from.startsWith('.') ? posix.join(posix.dirname(path), from) : from;
    const allowed = !target.startsWith('src/') || target.startsWith('src/domain/') || typeOnly;
    return allowed ? [] : [`(web) may not import ${target}`];
  });
}

function impurities(found: readonly Found[]): readonly string[] {
  return found.flatMap(({ node, parent, key }) => {
    if (node.type === 'NewExpression' && nameOf(node.callee) === 'Date' && isEmpty(node.arguments)) {
      return ['is pure and asks the clock: new Date()'];
    }
    if (node.type === 'CallExpression' && nameOf(node.callee) === 'Date') {
      return ['is pure and asks the clock: Date()'];
    }
    const member = node.type === 'MemberExpression' ? memberName(node) : '';
    if (IMPURE_MEMBERS.includes(member)) return [`is pure and uses ${member}`];
    const name = nameOf(node);
    return IMPURE_GLOBALS.includes(name) && isReference(parent, key) ? [`is pure and uses ${name}`] : [];
  });
}

/** `test.only`, `describe.concurrent.skip`, `it.skip.each(…)`; not `context.skip()`, which names its reason. */
function unfinishedTests(found: readonly Found[]): readonly string[] {
  return found.flatMap(({ node }) => {
    const [root = '', ...rest] = node.type === 'MemberExpression' ? memberName(node).split('.') : [];
    const last = rest.at(-1) ?? '';
    return TEST_FUNCTIONS.includes(root) && UNFINISHED.includes(last)
      ? [`holds ${root}.${rest.join('.')}`]
      : [];
  });
}

interface Found {
  readonly node: Node;
  readonly parent: Node | undefined;
  /** Under which property of its parent it is. */
  readonly key: string;
}

function* walk(value: unknown, parent?: Node, key = ''): Generator<Found> {
  if (Array.isArray(value)) {
    for (const each of value) yield* walk(each, parent, key);
  } else if (isNode(value)) {
    yield { node: value, parent, key };
    for (const [name, child] of Object.entries(value)) yield* walk(child, value, name);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0;

/** The name of an identifier, else ''. */
function nameOf(node: unknown): string {
  return isNode(node) && node.type === 'Identifier' && typeof node.name === 'string' ? node.name : '';
}

/** `a.b.c` of a chain of plain names, else ''; `a['b']` counts like `a.b`. */
function memberName(node: Node): string {
  const { object, property } = node;
  const start = isNode(object) && object.type === 'MemberExpression' ? memberName(object) : nameOf(object);
  const literal = isNode(property) && typeof property.value === 'string' ? property.value : '';
  const end = node.computed === true ? literal : nameOf(property);
  return start && end ? `${start}.${end}` : '';
}

/** Whether a name there stands for a variable, not for a property or a member of a type. */
function isReference(parent: Node | undefined, key: string): boolean {
  if (!parent || parent.computed === true) return true;
  if (parent.type === 'MemberExpression') return key === 'object';
  return key !== 'key';
}

function importOf({ node }: Found): readonly Import[] {
  const { source } = node;
  if (!isNode(source)) return [];
  const typeOnly = node.importKind === 'type' || node.exportKind === 'type' || node.type === 'TSImportType';
  return [{ from: typeof source.value === 'string' ? source.value : '', typeOnly }];
}
