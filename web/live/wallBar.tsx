/** The bar above the wall: its layout and pages or, with one camera large, the way back. */
import { cameraById } from '../core/fleet.ts';
import { LAYOUTS, wallLayout } from '../core/preferences.ts';
import { link } from '../core/router.ts';
import { isFullScreen, toggleFullScreen } from '../media/fullScreen.ts';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { words } from '../words/index.ts';
import { anyBlocked } from './tile.tsx';
import { startAll } from './tileControls.ts';

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
      {large ? <Back camera={large} /> : <LayoutChoice />}
      {!large && pages > 1 && <Pages page={page} pages={pages} onPage={onPage} />}
      <span class="bar-space" />
      {anyBlocked.value && (
        <button type="button" class="button primary" onClick={startAll}>
          <Icon name="play" />
          {live.startAll}
        </button>
      )}
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
      <a class="button quiet" href={link('live')}>
        <Icon name="left" />
        {words.value.live.wall}
      </a>
      <h2 class="bar-title">{cameraById.value.get(camera)?.name ?? camera}</h2>
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
