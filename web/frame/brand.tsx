/** The mark: the eye of a nightjar. */
export function Brand() {
  return (
    <span class="brand" aria-hidden="true">
      <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <circle class="brand-ring" cx="16" cy="16" r="12" />
        <circle class="brand-iris" cx="16" cy="16" r="6" />
        <circle class="brand-glint" cx="18.4" cy="13.6" r="1.8" />
      </svg>
    </span>
  );
}
