/** Which cameras of the wall are shown: those of a group, or those with a tag, as the address says. */
import { computed } from '@preact/signals';
import { cameras } from '../core/fleet.ts';
import { address, link } from '../core/router.ts';
import { filtersOf } from './groups.ts';

export const filters = computed(() => filtersOf(cameras.value ?? []));

/** The one that the address names, while any camera is of it. */
export const chosenFilter = computed(() => {
  const key = address.value.query.get('only');
  return filters.value.find((filter) => filter.key === key)?.key ?? null;
});

/** The address of the wall as it is shown now, with what is different. */
export function wallLink(change: Readonly<Record<string, string | number | null>> = {}): string {
  const { query } = address.value;
  return link('live', { view: query.get('view'), only: query.get('only'), ...change });
}
