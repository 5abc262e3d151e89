/** An icon: decoration, always beside words or inside something that has a name. */
import { ICON_PATHS, type IconName } from './iconPaths.ts';

export type { IconName };

export function Icon({ name, class: extra }: { readonly name: IconName; readonly class?: string }) {
  return (
    <svg class={extra ? `icon ${extra}` : 'icon'} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={ICON_PATHS[name]} />
    </svg>
  );
}
