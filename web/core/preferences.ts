/** What this browser remembers for its user: language, theme, layout of the wall, keys. */
import { effect, type Signal, signal } from '@preact/signals';

export type Language = 'en' | 'ko';
export type Theme = 'auto' | 'light' | 'dark';
export type WallLayout = 'auto' | '1' | '4' | '6' | '9' | '16';
export type GapMode = 'skip' | 'through';

export const LAYOUTS: readonly WallLayout[] = ['auto', '1', '4', '6', '9', '16'];
const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];
const LANGUAGES: readonly Language[] = ['en', 'ko'];
const SWITCH = ['on', 'off'] as const;
const GAP_MODES: readonly GapMode[] = ['skip', 'through'];

export const language = remembered('language', LANGUAGES, navigator.language.startsWith('ko') ? 'ko' : 'en');
export const theme = remembered('theme', THEMES, 'auto');
export const wallLayout = remembered('layout', LAYOUTS, 'auto');
export const shortcuts = remembered('shortcuts', SWITCH, 'on');
export const gapMode = remembered('gaps', GAP_MODES, 'skip');

effect(() => {
  document.documentElement.lang = language.value;
});
effect(() => {
  document.documentElement.setAttribute('data-theme', theme.value);
});

function remembered<T extends string>(name: string, values: readonly T[], standard: T): Signal<T> {
  const key = `nightjar.${name}`;
  const stored = readStored(key);
  const state = signal(values.find((value) => value === stored) ?? standard);
  effect(() => writeStored(key, state.value));
  return state;
}

/** Storage may be forbidden; then nothing is remembered. */
export function readStored(key: string): string | null {
  try {
    return window.localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function writeStored(key: string, value: string): void {
  try {
    window.localStorage.setItem(key, value);
  } catch {
    // Nothing to be done, and nothing depends on it.
  }
}
