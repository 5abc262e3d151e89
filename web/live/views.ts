/** Named views of the wall: which cameras, in which order, in which layout. Kept in this browser. */
import { computed, effect, signal } from '@preact/signals';
import type { CameraView } from '../../types/api.ts';
import { cameras } from '../core/fleet.ts';
import { LAYOUTS, readStored, type WallLayout, wallLayout, writeStored } from '../core/preferences.ts';
import { address } from '../core/router.ts';
import { chosenFilter } from './filter.ts';
import { filtered } from './groups.ts';

export interface WallView {
  readonly name: string;
  readonly layout: WallLayout;
  readonly cameras: readonly string[];
}

const KEY = 'nightjar.views';

export const views = signal<readonly WallView[]>(stored());

effect(() => writeStored(KEY, JSON.stringify(views.value)));

/** The view that the address names; null for all cameras. */
export const chosenView = computed(
  () => views.value.find(({ name }) => name === address.value.query.get('view')) ?? null,
);

/** The cameras of the wall in order. */
export const wallCameras = computed<readonly CameraView[] | null>(() => {
  const all = cameras.value;
  const view = chosenView.value;
  if (!all) return null;
  if (!view) return chosenFilter.value === null ? all : filtered(all, chosenFilter.value);
  return view.cameras.flatMap((id) => all.find((camera) => camera.id === id) ?? []);
});

/** How the wall is laid out. */
export const layout = computed(() => chosenView.value?.layout ?? wallLayout.value);

/** In place of the one of the same name, or behind all others. */
export function saveView(view: WallView): void {
  const others = views.peek().filter(({ name }) => name !== view.name);
  views.value = [...others, view];
}

export function removeView(name: string): void {
  views.value = views.peek().filter((view) => view.name !== name);
}

function stored(): readonly WallView[] {
  try {
    const list: unknown = JSON.parse(readStored(KEY) ?? '[]');
    return Array.isArray(list) ? list.flatMap(read) : [];
  } catch {
    return [];
  }
}

/** Somebody may have changed what is stored. */
function read(value: unknown): WallView[] {
  if (typeof value !== 'object' || value === null) return [];
  const { name, layout: wanted, cameras: ids }: Partial<Record<keyof WallView, unknown>> = value;
  if (typeof name !== 'string' || !Array.isArray(ids)) return [];
  const known = LAYOUTS.find((each) => each === wanted) ?? 'auto';
  return [{ name, layout: known, cameras: ids.filter((id) => typeof id === 'string') }];
}
