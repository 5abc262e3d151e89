/** Playback. */
import { words } from '../words/index.ts';

export function PlaybackPage() {
  return <h1>{words.value.nav.play}</h1>;
}
