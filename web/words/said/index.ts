/** What the recorder says in English, in the language that was chosen. */
import { language } from '../../core/preferences.ts';
import { ko } from './ko.ts';
import { translated } from './translate.ts';

/** The same in the language of the page; what has no words there stays as it is. */
export function saidText(text: string): string {
  return language.value === 'en' ? text : (translated(text, ko) ?? text);
}

/** Null for what has no words in the language of the page. */
export function knownText(text: string): string | null {
  return language.value === 'en' ? text : translated(text, ko);
}
