/** Cameras. */
import { words } from '../words/index.ts';

export function CamerasPage() {
  return <h1>{words.value.nav.cameras}</h1>;
}
