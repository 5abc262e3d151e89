/** Keys of the live wall. */
import { useEffect } from 'preact/hooks';
import { type KeyMap, useKeys } from '../core/keyboard.ts';
import { address, go } from '../core/router.ts';
import { toggleFullScreen } from '../media/fullScreen.ts';
import { wallLink } from './filter.ts';
import { isKiosk, toggleKiosk } from './kiosk.ts';
import { controlsOf, type TileControls } from './tileControls.ts';
import { wallCameras } from './views.ts';

const BACK_SECONDS = 10;

export function useWallKeys(stage: { readonly current: HTMLElement | null }): void {
  useEffect(() => {
    const onTile = (act: (controls: TileControls) => void) => () => {
      const controls = chosen();
      if (controls) act(controls);
    };
    const map: KeyMap = {
      ...digits(),
      f: () => toggleFullScreen(stage.current),
      j: onTile(({ back }) => back(BACK_SECONDS)),
      g: onTile(({ toEdge }) => toEdge()),
      m: onTile(({ toggleSound }) => toggleSound()),
      s: onTile(({ snapshot }) => snapshot()),
      Escape: () => (isKiosk.peek() ? toggleKiosk() : go(wallLink())),
    };
    return useKeys(map);
  }, []);
}

/** 1–9 open the first nine cameras. */
function digits(): KeyMap {
  const open = (index: number) => () => {
    const camera = wallCameras.peek()?.[index];
    if (camera) go(wallLink({ cam: camera.id }));
  };
  return Object.fromEntries(Array.from({ length: 9 }, (_, index) => [String(index + 1), open(index)]));
}

/** The tile that is large, has the focus, or is under the pointer. */
function chosen(): TileControls | null {
  const focused =
    document.activeElement?.closest('[data-camera]') ?? document.querySelector('[data-camera]:hover');
  const id = address.peek().query.get('cam') ?? focused?.getAttribute('data-camera');
  return id ? controlsOf(id) : null;
}
