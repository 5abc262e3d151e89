/** The screens: a rail at the side, on phones a bar at the bottom. */
import { link } from '../core/router.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { words } from '../words/index.ts';
import { Brand } from './brand.tsx';

export const SCREENS = ['live', 'play', 'exports', 'cameras', 'health', 'settings'] as const;
export type Screen = (typeof SCREENS)[number];

const ICONS: Readonly<Record<Screen, IconName>> = {
  live: 'live',
  play: 'playback',
  exports: 'exports',
  cameras: 'cameras',
  health: 'health',
  settings: 'settings',
};

export function Navigation({ current }: { readonly current: Screen }) {
  const { nav } = words.value;
  return (
    <nav class="rail" aria-label={nav.label}>
      <Brand />
      {SCREENS.map((screen) => (
        <a key={screen} href={link(screen)} aria-current={screen === current ? 'page' : undefined}>
          <Icon name={ICONS[screen]} />
          <span>{nav[screen]}</span>
        </a>
      ))}
    </nav>
  );
}
