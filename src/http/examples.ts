/**
 * Examples of bodies in the description of the API, put together from those of their parts, so that each is as its
 * schema says. What has no example of its own is the first that the schema allows.
 */
import { isList, isObject, type Json, type JsonObject, objectOf } from './components.ts';

/** Of times, when they have no example: 2026-03-28T23:00:00Z. */
const TIME_MS = 1_774_738_800_000;
/** Of text without a schema of its own, by media type; bytes have none. */
const TEXTS: Readonly<Record<string, string>> = {
  'application/vnd.apple.mpegurl': '#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n',
  'application/sdp': 'v=0\r\no=- 0 0 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n',
  'text/html': '<!doctype html>',
  'text/plain': 'nightjar_cameras 1\n',
};

/**
 * Words of the API whose meaning is the same everywhere, and so an example of them too: for text that is shown, and has
 * none in its schema.
 */
const WORDS: Readonly<Record<string, string>> = {
  address: '192.168.1.7',
  agent: 'Mozilla/5.0',
  by: 'ann',
  cameraId: 'front-door',
  cameras: 'front-door',
  code: 'k7dm-w3xp-9qfa-h2ts-n4ve',
  createdBy: 'ann',
  current: 'six loud geese land',
  detail: 'The camera was changed by someone else meanwhile.',
  error: 'There is no space left for this file.',
  fields: 'mode',
  folder: '/media',
  id: 'e1f0c7d2-5a3b-4c1d-8e9f-0a1b2c3d4e5f',
  kind: 'movement',
  message: 'The camera does not answer.',
  name: 'Front door',
  next: '1774738800000-41',
  note: 'Parcel taken',
  password: 'four quiet herons wade',
  prefix: 'nightjar',
  reason: 'There is no such device on this machine.',
  reasons: 'Nothing of front-door is being recorded.',
  requestId: 'req-1f',
  runId: '6f1f7a53-0f0e-4a5c-8a76-52f1a3a0b111',
  salt: 'q83vEjRWeJCrze8SNFZ4kA',
  sealed: 'v1.q83vEjRWeJCrze8SNFZ4kA',
  secret: 'b3du4xYt0QmZ6r9S1wKcNf2h',
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  subject: 'front-door',
  text: 'Front door',
  title: 'Bad Request',
  token: 'njt_b3du4xYt0QmZ6r9S1wKcNf2h',
  trouble: 'The folder can’t be written to.',
  url: 'https://hooks.example/nightjar',
  user: 'ann',
  username: 'recorder',
  version: '0.1.0',
};

/**
 * The document in which each body of a request or an answer that is no bytes has an example.
 * @throws TypeError when a text in it has none
 */
export function withExamples(document: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(document).map(([name, value]) => [
      name,
      name === 'content' && isObject(value) ? exemplified(value) : inside(value),
    ]),
  );
}

function inside(value: Json): Json {
  if (isList(value)) return value.map(inside);
  return isObject(value) ? withExamples(value) : value;
}

function exemplified(content: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(content).map(([mediaType, media]) => {
      const { schema = null } = objectOf(media);
      const { format } = objectOf(schema);
      if (format === 'binary') return [mediaType, media];
      const text = TEXTS[mediaType.split(';', 1)[0] ?? ''];
      return [mediaType, { ...objectOf(media), example: text ?? exampleOf(schema, '') }];
    }),
  );
}

/** @param name of the property that has this schema */
function exampleOf(schema: Json, name: string): Json {
  const {
    examples,
    default: standard,
    enum: values,
    type,
    properties,
    items,
    anyOf,
    oneOf,
    minimum,
  } = objectOf(schema);
  const own = first(examples) ?? standard ?? first(values);
  if (own !== undefined) return own;
  const variant = first(anyOf ?? oneOf);
  if (variant !== undefined) return exampleOf(variant, name);
  switch (type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(objectOf(properties)).map(([key, each]) => [key, exampleOf(each, key)]),
      );
    case 'array':
      return items === undefined ? [] : [exampleOf(items, name)];
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return name.endsWith('Ms') ? TIME_MS : Math.max(Number(minimum ?? 1), 1);
    case 'string':
      return wordFor(name);
    default:
      return null;
  }
}

function first(list: Json | undefined): Json | undefined {
  return list !== undefined && isList(list) ? list[0] : undefined;
}

function wordFor(name: string): string {
  const word = WORDS[name];
  if (word === undefined) throw new TypeError(`The text ${name} of the API has no example.`);
  return word;
}
