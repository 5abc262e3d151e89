/** The words of screens for who runs the recorder: loaded with those screens, and not before. */
import { computed } from '@preact/signals';
import { language } from '../../core/preferences.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';

/** What every language has to have: a key that is missing does not compile. */
export type MoreWords = typeof en;

const DICTIONARIES = { en, ko } as const satisfies Record<string, MoreWords>;

export const more = computed<MoreWords>(() => DICTIONARIES[language.value]);
