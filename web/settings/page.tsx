/** Settings. */
import { words } from '../words/index.ts';

export function SettingsPage() {
  return <h1>{words.value.nav.settings}</h1>;
}
