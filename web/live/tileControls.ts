/** What can be done with the tiles on screen, for keys that are pressed somewhere else. */

export interface TileControls {
  back(seconds: number): void;
  toEdge(): void;
  toggleSound(): void;
  snapshot(): void;
  /** Plays, now that the user has clicked. */
  start(): void;
}

const tiles = new Map<string, TileControls>();

/** @returns what to call when the tile is gone */
export function register(camera: string, controls: TileControls): () => void {
  tiles.set(camera, controls);
  return () => {
    if (tiles.get(camera) === controls) tiles.delete(camera);
  };
}

export function controlsOf(camera: string): TileControls | null {
  return tiles.get(camera) ?? null;
}

export function startAll(): void {
  for (const controls of tiles.values()) controls.start();
}
