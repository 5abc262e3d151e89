/** The page as a whole: login or frame, and in the frame the screen that the address names. */

import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { address } from '../core/router.ts';
import { session } from '../core/session.ts';
import { isKiosk } from '../live/kiosk.ts';
import { LivePage } from '../live/page.tsx';
import { Note } from '../ui/button.tsx';
import { words } from '../words/index.ts';
import { Front } from './front.tsx';
import { Header } from './header.tsx';
import { LostBanner } from './lostBanner.tsx';
import { Navigation, SCREENS, type Screen } from './navigation.tsx';
import { ShortcutList } from './shortcutList.tsx';

type LazyScreen = Exclude<Screen, 'live'>;

/** Loaded when they are first visited, so that the wall is there at once. */
const LOADERS: Readonly<Record<LazyScreen, () => Promise<ComponentType>>> = {
  play: () => import('../playback/page.tsx').then(({ PlaybackPage }) => PlaybackPage),
  exports: () => import('../exports/page.tsx').then(({ ExportsPage }) => ExportsPage),
  cameras: () => import('../cameras/page.tsx').then(({ CamerasPage }) => CamerasPage),
  health: () => import('../health/page.tsx').then(({ HealthPage }) => HealthPage),
  settings: () => import('../settings/page.tsx').then(({ SettingsPage }) => SettingsPage),
};

/** Null of a screen that could not be had: of a recorder that was upgraded, the programs have other names. */
const loaded = signal<ReadonlyMap<LazyScreen, ComponentType | null>>(new Map());

export function App() {
  const who = session.value;
  if (who === 'asking') return <Starting />;
  return who === null ? <Front /> : <Frame />;
}

function Starting() {
  return (
    <div class="starting" role="status">
      <span class="spinner" />
      <span>{words.value.common.loading}</span>
    </div>
  );
}

function Frame() {
  const screen = SCREENS.find((each) => each === address.value.screen) ?? 'live';
  useEffect(() => {
    document.title = `${words.value.nav[screen]} · ${words.value.brand}`;
  });
  return (
    <div class="frame" data-screen={screen} data-kiosk={isKiosk.value}>
      <button type="button" class="skip" onClick={toContent}>
        {words.value.common.skipToContent}
      </button>
      {!isKiosk.value && <Header />}
      {!isKiosk.value && <Navigation current={screen} />}
      <main id="content" tabIndex={-1}>
        <LostBanner />
        {screen === 'live' ? <LivePage /> : <Lazy screen={screen} />}
      </main>
      <ShortcutList />
    </div>
  );
}

function Lazy({ screen }: { readonly screen: LazyScreen }) {
  const Page = loaded.value.get(screen);
  useEffect(() => {
    if (loaded.peek().get(screen)) return;
    const put = (component: ComponentType | null) => {
      loaded.value = new Map(loaded.peek()).set(screen, component);
    };
    LOADERS[screen]().then(put, () => put(null));
  }, [screen]);
  if (Page === null) return <Unavailable />;
  return Page ? <Page /> : <Starting />;
}

function Unavailable() {
  return (
    <div class="starting">
      <Note kind="bad">{words.value.problems.screen}</Note>
      <button type="button" class="button primary" onClick={() => window.location.reload()}>
        {words.value.common.retry}
      </button>
    </div>
  );
}

function toContent(): void {
  document.getElementById('content')?.focus();
}
