/** The words of the language that is chosen, and what the recorder says turned into them. */
import { computed } from '@preact/signals';
import { ApiError } from '../core/api.ts';
import { language } from '../core/preferences.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';
import { knownText, saidText } from './said/index.ts';

/** What every language has to have: a key that is missing does not compile. */
export type Words = typeof en;

export const DICTIONARIES = { en, ko } as const satisfies Record<string, Words>;

export const words = computed<Words>(() => DICTIONARIES[language.value]);

/** Why something is not as it should be, from the recorder's code and, for a code that is unknown, its sentence. */
export function causeText(code: string | null, message: string | null = null): string {
  const { causes } = words.value;
  if (code !== null && isCause(code)) return causes[code];
  return message === null ? causes.unknown : saidText(message);
}

/** A sentence for whatever went wrong with a request. */
export function problemText(error: unknown): string {
  const { problems } = words.value;
  if (!(error instanceof ApiError)) return problems.failed;
  // Of revisions, only the recorder has to know.
  const detail = error.status === 412 ? undefined : error.problem?.detail;
  return (detail && knownText(detail)) || problems[GENERAL[error.status] ?? 'failed'];
}

const GENERAL: Readonly<Record<number, keyof Words['problems']>> = {
  0: 'offline',
  400: 'invalid',
  403: 'forbidden',
  404: 'notFound',
  409: 'conflict',
  412: 'changed',
  422: 'invalid',
  429: 'tooMany',
  503: 'unavailable',
  507: 'full',
};

function isCause(code: string): code is keyof Words['causes'] {
  return code in en.causes;
}
