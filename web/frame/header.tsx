/** The header: is everything recording, what time is it there, in which language and light. */
import { now, system, zone } from '../core/clock.ts';
import { dateText, offsetText, secondsText } from '../core/format.ts';
import { language, type Theme, theme } from '../core/preferences.ts';
import { IconButton } from '../ui/button.tsx';
import type { IconName } from '../ui/icon.tsx';
import { DICTIONARIES, words } from '../words/index.ts';
import { RecordingPill } from './recordingPill.tsx';

const THEME_ICONS: Readonly<Record<Theme, IconName>> = { auto: 'contrast', light: 'sun', dark: 'moon' };
const NEXT_THEME: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' };

export function Header() {
  return (
    <header class="header">
      <RecordingPill />
      <Clock />
      <div class="header-choices">
        <LanguageChoice />
        <ThemeButton />
      </div>
    </header>
  );
}

function Clock() {
  if (!system.value) return <span class="clock" />;
  const at = now.value;
  return (
    <time class="clock" dateTime={new Date(at).toISOString()} title={words.value.header.clock(zone.value)}>
      <span class="clock-date">{dateText(at)}</span>
      <span class="clock-time">{secondsText(at)}</span>
      <span class="clock-zone">{offsetText(at)}</span>
    </time>
  );
}

/** Each language under its own name: who is lost in the wrong one finds it. */
export function LanguageChoice() {
  return (
    <select
      class="quiet-select"
      aria-label={words.value.header.language}
      value={language.value}
      onChange={({ currentTarget }) => {
        language.value = currentTarget.value === 'ko' ? 'ko' : 'en';
      }}
    >
      {Object.entries(DICTIONARIES).map(([code, { name }]) => (
        <option key={code} value={code} lang={code}>
          {name}
        </option>
      ))}
    </select>
  );
}

function ThemeButton() {
  const { header } = words.value;
  return (
    <IconButton
      icon={THEME_ICONS[theme.value]}
      label={`${header.theme}: ${header.themes[theme.value]}`}
      onClick={() => {
        theme.value = NEXT_THEME[theme.peek()];
      }}
    />
  );
}
