/** The bar above the wall: its view, layout and pages or, with one camera large, the way back. */
import { useSignal } from '@preact/signals';
import { cameraById } from '../core/fleet.ts';
import { LAYOUTS, wallLayout } from '../core/preferences.ts';
import { go } from '../core/router.ts';
import { isFullScreen, toggleFullScreen } from '../media/fullScreen.ts';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { words } from '../words/index.ts';
import { wallLink } from './filter.ts';
import { FilterChips } from './filterChips.tsx';
import { toggleKiosk } from './kiosk.ts';
import { startAll } from './tileControls.ts';
import { anyBlocked } from './tilePlayer.ts';
import { ViewDialog } from './viewDialog.tsx';
import { chosenView, views } from './views.ts';

export interface WallBarProps {
  readonly large: string | null;
  readonly stage: { readonly current: HTMLElement | null };
  readonly page: number;
  readonly pages: number;
  readonly onPage: (page: number) => void;
}

export function WallBar({ large, stage, page, pages, onPage }: WallBarProps) {
  const { live } = words.value;
  return (
    <div class="bar">
      {large && <Back camera={large} />}
      {!large && views.value.length > 0 && <ViewChoice />}
      {!large && !chosenView.value && <LayoutChoice />}
      {!large && !chosenView.value && <FilterChips />}
      {!large && pages > 1 && <Pages page={page} pages={pages} onPage={onPage} />}
      <span class="bar-space" />
      {anyBlocked.value && (
        <button type="button" class="button primary" onClick={startAll}>
          <Icon name="play" />
          {live.startAll}
        </button>
      )}
      {!large && <ViewButton />}
      {!large && <IconButton icon="kiosk" label={live.kiosk} class="wide-only" onClick={toggleKiosk} />}
      <IconButton
        icon={isFullScreen.value ? 'shrink' : 'fullscreen'}
        label={isFullScreen.value ? live.leaveFullScreen : live.fullScreen}
        keys="F"
        onClick={() => toggleFullScreen(stage.current)}
      />
    </div>
  );
}

function Back({ camera }: { readonly camera: string }) {
  return (
    <>
      <a class="button quiet" href={wallLink()}>
        <Icon name="left" />
        {words.value.live.wall}
      </a>
      <h2 class="bar-title">{cameraById.value.get(camera)?.name ?? camera}</h2>
    </>
  );
}

function ViewChoice() {
  const { live } = words.value;
  return (
    <select
      class="quiet-select"
      aria-label={live.view}
      value={chosenView.value?.name ?? ''}
      onChange={({ currentTarget }) => go(wallLink({ view: currentTarget.value || null, only: null }))}
    >
      <option value="">{live.wall}</option>
      {views.value.map(({ name }) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

/** Makes a named view, or changes the one on show. */
function ViewButton() {
  const { live } = words.value;
  const open = useSignal(false);
  const label = chosenView.value ? live.changeView : live.newView;
  return (
    <>
      <button
        type="button"
        class="button quiet view-button"
        title={label}
        onClick={() => {
          open.value = true;
        }}
      >
        <Icon name={chosenView.value ? 'edit' : 'plus'} />
        <span>{label}</span>
      </button>
      {open.value && (
        <ViewDialog
          onClose={() => {
            open.value = false;
          }}
        />
      )}
    </>
  );
}

function LayoutChoice() {
  const { live } = words.value;
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">{live.layout}</legend>
      {LAYOUTS.map((layout) => (
        <label key={layout}>
          <input
            type="radio"
            name="layout"
            checked={wallLayout.value === layout}
            onChange={() => {
              wallLayout.value = layout;
            }}
          />
          <span>{live.layouts[layout]}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Pages({ page, pages, onPage }: Pick<WallBarProps, 'page' | 'pages' | 'onPage'>) {
  const { live } = words.value;
  return (
    <span class="pages">
      <IconButton
        icon="left"
        label={live.previousPage}
        disabled={page === 0}
        onClick={() => onPage(page - 1)}
      />
      <span title={live.page(page + 1, pages)}>
        {page + 1} / {pages}
      </span>
      <IconButton
        icon="right"
        label={live.nextPage}
        disabled={page === pages - 1}
        onClick={() => onPage(page + 1)}
      />
    </span>
  );
}
