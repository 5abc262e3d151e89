/** The list of keys, opened with `?`. */
import { listOpen } from '../core/keyboard.ts';
import { Dialog } from '../ui/dialog.tsx';
import { words } from '../words/index.ts';

/** Keys as they are printed on them, and the name of what they do. */
const KEYS = [
  ['Space  K', 'play'],
  ['J  L', 'ten'],
  [',  .', 'frame'],
  ['←  →', 'second'],
  ['Shift ←  →', 'minute'],
  ['PgUp  PgDn', 'hour'],
  ['[  ]', 'gap'],
  ['N  P', 'day'],
  ['+  −', 'zoom'],
  ['I  O', 'mark'],
  ['E', 'clip'],
  ['1 – 9', 'camera'],
  ['Esc', 'wall'],
  ['G', 'now'],
  ['F', 'full'],
  ['M', 'mute'],
  ['S', 'snapshot'],
  ['?', 'list'],
] as const;

export function ShortcutList() {
  if (!listOpen.value) return null;
  const { keys } = words.value;
  return (
    <Dialog
      title={keys.title}
      wide
      onClose={() => {
        listOpen.value = false;
      }}
    >
      <dl class="keys">
        {KEYS.map(([printed, name]) => (
          <div key={name}>
            <dt>
              {printed.split('  ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{keys[name]}</dd>
          </div>
        ))}
      </dl>
      <p class="muted">{keys.off}</p>
    </Dialog>
  );
}
