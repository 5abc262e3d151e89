/** Something that is shown once, to be copied now. */
import { Note } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { more } from '../words/more/index.ts';

export function Secret({ said, text }: { readonly said: string; readonly text: string }) {
  const copy = () => void navigator.clipboard?.writeText(text).catch(() => undefined);
  return (
    <div class="made-token">
      <Note kind="good">{said}</Note>
      <code>{text}</code>
      <button type="button" class="button small" onClick={copy}>
        <Icon name="copy" />
        {more.value.tokens.copy}
      </button>
    </div>
  );
}
