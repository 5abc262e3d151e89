/** Chips over the wall that show the cameras of one group or tag. */
import { go } from '../core/router.ts';
import { words } from '../words/index.ts';
import { chosenFilter, filters, wallLink } from './filter.ts';

/** Nothing while cameras have neither groups nor tags. */
export function FilterChips() {
  const { live } = words.value;
  const chosen = chosenFilter.value;
  if (filters.value.length === 0) return null;
  return (
    <fieldset class="chip-group scrolling">
      <legend class="visually-hidden">{live.filter}</legend>
      {[{ key: null, name: live.filterAll }, ...filters.value].map(({ key, name }) => (
        <button
          key={key}
          type="button"
          class="chip"
          aria-pressed={chosen === key}
          onClick={() => go(wallLink({ only: key }))}
        >
          {key?.startsWith('tag:') ? `#${name}` : name}
        </button>
      ))}
    </fieldset>
  );
}
