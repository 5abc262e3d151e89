/** The live wall: all cameras, or one of them large. */
import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { CameraView } from '../../types/api.ts';
import { cameraById, cameras } from '../core/fleet.ts';
import { address, go, link } from '../core/router.ts';
import { may } from '../core/session.ts';
import { Icon } from '../ui/icon.tsx';
import { words } from '../words/index.ts';
import { isKiosk, useKiosk } from './kiosk.ts';
import { cellsOf, gridOf, tileWidth } from './layout.ts';
import { Tile } from './tile.tsx';
import { wallCameras, layout as wallLayout } from './views.ts';
import { WallBar } from './wallBar.tsx';
import { useWallKeys } from './wallKeys.ts';

const GAP = 6;
/** Narrower tiles show nothing: better to scroll. */
const NARROWEST = 150;

export function LivePage() {
  const list = cameras.value;
  if (!list)
    return (
      <div class="wall-empty" role="status">
        <span class="spinner" />
        {words.value.common.loading}
      </div>
    );
  return list.length === 0 ? <NoCameras /> : <Wall list={wallCameras.value ?? list} />;
}

function Wall({ list }: { readonly list: readonly CameraView[] }) {
  const page = useSignal(0);
  const stage = useRef<HTMLDivElement>(null);
  const large = address.value.query.get('cam');
  const cells = cellsOf(wallLayout.value);
  const pages = Math.max(1, Math.ceil(list.length / cells));
  const current = Math.min(page.value, pages - 1);
  const shown = list.slice(current * cells, (current + 1) * cells);
  useWallKeys(stage);
  useKiosk(pages, () => {
    page.value = (Math.min(page.peek(), pages - 1) + 1) % pages;
  });
  return (
    <section class={large ? 'live large' : 'live'} aria-label={words.value.live.title} ref={stage}>
      <h1 class="visually-hidden">{words.value.live.title}</h1>
      {!isKiosk.value && (
        <WallBar
          large={large}
          stage={stage}
          page={current}
          pages={pages}
          onPage={(next) => {
            page.value = next;
          }}
        />
      )}
      {large ? (
        <Stage shown={(cameras.value ?? []).filter(({ id }) => id === large)} large />
      ) : (
        <Stage shown={shown} large={false} />
      )}
      {large && !cameraById.value.has(large) && <p class="wall-empty">{words.value.live.missing}</p>}
    </section>
  );
}

/** The tiles, as large as they fit. The same tile stays in place when it becomes large, so that it plays on. */
function Stage({ shown, large }: { readonly shown: readonly CameraView[]; readonly large: boolean }) {
  const element = useRef<HTMLDivElement>(null);
  const size = useSize(element);
  const layout = large ? '1' : wallLayout.value;
  const { width, height } = size.value;
  const fitted = gridOf(layout, shown.length, width, height, GAP);
  const narrow = Math.max(1, Math.floor(width / (NARROWEST + GAP)));
  const scrolls = tileWidth(fitted, width, height, GAP) < NARROWEST;
  const columns = scrolls ? Math.min(fitted.columns, narrow) : fitted.columns;
  const tile = scrolls ? (width - GAP * (columns - 1)) / columns : tileWidth(fitted, width, height, GAP);
  return (
    <div
      class="wall"
      ref={element}
      data-layout={layout}
      style={{ '--columns': String(columns), '--tile': `${Math.floor(tile)}px`, '--gap': `${GAP}px` }}
    >
      {width > 0 && shown.map((camera) => <Tile key={camera.id} camera={camera} large={large} />)}
    </div>
  );
}

function NoCameras() {
  const { live } = words.value;
  return (
    <div class="wall-empty">
      <Icon name="cameras" class="huge" />
      <h1>{live.empty}</h1>
      {may('admin') ? (
        <>
          <p class="muted">{live.emptyText}</p>
          <a class="button primary" href={link('cameras', { add: 1 })}>
            <Icon name="plus" />
            {words.value.cameras.add}
          </a>
        </>
      ) : (
        <p class="muted">{live.emptyViewer}</p>
      )}
    </div>
  );
}

function useSize(element: { readonly current: HTMLElement | null }) {
  const size = useSignal({ width: 0, height: 0 });
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) size.value = { width: entry.contentRect.width, height: entry.contentRect.height };
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, []);
  return useComputed(() => size.value);
}

/** Shows a camera large, or with null all of them. */
export function showLarge(camera: string | null): void {
  go(link('live', { cam: camera }));
}
