/** Settings: of this browser, of the user, and, for administrators, who may do what and who is told what. */
import '../styles/pages.css';
import { listOpen } from '../core/keyboard.ts';
import { gapMode, shortcuts, type Theme, theme } from '../core/preferences.ts';
import { may } from '../core/session.ts';
import { LanguageChoice } from '../frame/header.tsx';
import { Icon } from '../ui/icon.tsx';
import { words } from '../words/index.ts';
import { Account, Sessions } from './account.tsx';
import { Audit } from './audit.tsx';
import { Mqtt } from './mqtt.tsx';
import { Tokens } from './tokens.tsx';
import { Users } from './users.tsx';
import { Webhooks } from './webhooks.tsx';

const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

export function SettingsPage() {
  return (
    <div class={may('admin') ? 'page' : 'page narrow'}>
      <h1>{words.value.nav.settings}</h1>
      <div class={may('admin') ? 'page-columns' : undefined}>
        <div class="page-column">
          <Look />
          <Keys />
          <Account />
          <Sessions />
          <Tokens />
        </div>
        {may('admin') && (
          <div class="page-column">
            <Users />
            <Webhooks />
            <Mqtt />
            <Audit />
          </div>
        )}
      </div>
    </div>
  );
}

/** How this browser shows things. */
function Look() {
  const { settings, header } = words.value;
  return (
    <section class="panel">
      <h2>{settings.look}</h2>
      <p class="muted">{settings.browserOnly}</p>
      <div class="setting">
        <span>{header.language}</span>
        <LanguageChoice />
      </div>
      <fieldset class="setting">
        <legend>{header.theme}</legend>
        <div class="segments">
          {THEMES.map((each) => (
            <label key={each}>
              <input
                type="radio"
                name="theme"
                checked={theme.value === each}
                onChange={() => {
                  theme.value = each;
                }}
              />
              <span>{header.themes[each]}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <Switch
        label={settings.skipGaps}
        on={gapMode.value === 'skip'}
        onChange={(on) => {
          gapMode.value = on ? 'skip' : 'through';
        }}
      />
    </section>
  );
}

function Keys() {
  const { settings } = words.value;
  return (
    <section class="panel">
      <h2>{words.value.keys.title}</h2>
      <Switch
        label={settings.keys}
        on={shortcuts.value === 'on'}
        onChange={(on) => {
          shortcuts.value = on ? 'on' : 'off';
        }}
      />
      <button
        type="button"
        class="button"
        onClick={() => {
          listOpen.value = true;
        }}
      >
        <Icon name="keyboard" />
        {settings.showKeys}
      </button>
    </section>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
}

function Switch({ label, on, onChange }: SwitchProps) {
  return (
    <label class="setting">
      <span>{label}</span>
      <input
        type="checkbox"
        role="switch"
        aria-checked={on}
        checked={on}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
    </label>
  );
}
