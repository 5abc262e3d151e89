/** Lists with one of them put elsewhere. Pure. */
import type { CameraView } from '../../types/api.ts';

/** A list with one of it somewhere else, as near to there as it can be. */
export function movedTo(ids: readonly string[], id: string, index: number): readonly string[] {
  const rest = ids.filter((each) => each !== id);
  return rest.toSpliced(Math.max(0, Math.min(rest.length, index)), 0, id);
}

/** The positions to store, of those only whose position is another now. They count from 1. */
export function changesOf(
  ids: readonly string[],
  before: readonly Pick<CameraView, 'id' | 'position'>[],
): readonly { readonly id: string; readonly position: number }[] {
  const old = new Map(before.map(({ id, position }) => [id, position]));
  return ids
    .map((id, index) => ({ id, position: index + 1 }))
    .filter(({ id, position }) => old.get(id) !== position);
}
