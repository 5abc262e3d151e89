/** In which order cameras are listed. */
import type { Camera } from './camera.ts';

type Placed = Pick<Camera, 'id' | 'name' | 'position'>;

/** Compares by position, those without one last; equals by name, and at last by id. */
export function byPlace(a: Placed, b: Placed): number {
  return placeOf(a) - placeOf(b) || a.name.localeCompare(b.name, 'en') || (a.id < b.id ? -1 : 1);
}

/** Finite: the difference of two without a place has to be 0. */
function placeOf({ position }: Placed): number {
  return position ?? Number.MAX_SAFE_INTEGER;
}
