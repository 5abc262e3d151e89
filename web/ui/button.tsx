/** Buttons that are an icon alone: with a name for who doesn't see it, and a tip for who does. */
import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

export interface IconButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  readonly class?: string;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly keys?: string;
}

export function IconButton({ icon, label, onClick, class: extra, pressed, disabled, keys }: IconButtonProps) {
  return (
    <button
      type="button"
      class={`icon-button ${extra ?? ''}`}
      aria-label={label}
      title={keys ? `${label} (${keys})` : label}
      aria-pressed={pressed}
      aria-keyshortcuts={keys}
      disabled={disabled}
      onClick={(event) => {
        event.stopPropagation();
        onClick();
      }}
    >
      <Icon name={icon} />
    </button>
  );
}

/** A message that belongs to what stands beside it: `bad` is announced at once. */
export function Note({
  kind,
  children,
}: {
  readonly kind: 'bad' | 'good' | 'info';
  readonly children: ComponentChildren;
}) {
  const icon = kind === 'good' ? 'check' : kind === 'bad' ? 'alert' : 'info';
  return (
    <p class={`note ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
      <Icon name={icon} />
      <span>{children}</span>
    </p>
  );
}
