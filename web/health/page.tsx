/** Health. */
import { words } from '../words/index.ts';

export function HealthPage() {
  return <h1>{words.value.nav.health}</h1>;
}
