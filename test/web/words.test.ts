/** Both languages say everything, and Korean is Korean. That no key is missing is checked by the compiler. */
import { expect, test } from 'vitest';
import { EVENT_KINDS } from '../../src/domain/event.ts';
import { GapCause } from '../../src/http/wire/status.ts';
import { en } from '../../web/words/en.ts';
import { ko } from '../../web/words/ko.ts';
import { en as moreEn } from '../../web/words/more/en.ts';
import { ko as moreKo } from '../../web/words/more/ko.ts';

/** Texts with their path, functions called with something of every kind they take. */
function textsOf(value: unknown, path = ''): (readonly [string, string])[] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return textsOf(value('7', '9'), path);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => textsOf(each, path ? `${path}.${key}` : key));
}

/** Names and signs that are the same in every language. */
const SAME = /^(?:brand|live\.layouts\.|form\.kinds\.)/;

test('every text of the Korean page has Korean letters in it', () => {
  const foreign = [...textsOf(ko), ...textsOf(moreKo)].filter(
    ([path, text]) => !SAME.test(path) && !/\p{Script=Hangul}/u.test(text),
  );
  expect(foreign).toEqual([]);
});

test('no text is empty', () => {
  expect(
    [en, ko, moreEn, moreKo].flatMap((words) => textsOf(words)).filter(([, text]) => text.trim() === ''),
  ).toEqual([]);
});

test('every cause of a gap that the recorder knows has its words', () => {
  expect(Object.keys(en.causes)).toEqual(expect.arrayContaining([...GapCause.enum]));
});

test('every kind of event has its words', () => {
  const kinds = new Set(Object.keys(EVENT_KINDS));
  expect(new Set(Object.keys(moreEn.events.kinds))).toEqual(kinds);
  expect(new Set(Object.keys(moreKo.events.kinds))).toEqual(kinds);
});
