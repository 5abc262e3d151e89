/** What a moment looks like while one drags towards it: there before the footage itself can be. */
import { playhead, scrubbing } from './model.ts';
import { type Preview, previewAt } from './previews.ts';

/** Over the picture of a camera, as large as it. */
export function ScrubPicture({ camera }: { readonly camera: string }) {
  if (!scrubbing.value) return null;
  const preview = previewAt(camera, playhead.value);
  return preview && <PreviewPicture preview={preview} class="scrub-picture" />;
}

/** One picture of a sheet; its size is the one its box has. */
export function PreviewPicture({
  preview,
  class: name,
}: {
  readonly preview: Preview;
  readonly class: string;
}) {
  const { url, x, y, width, height, sheetWidth, sheetHeight } = preview;
  return (
    <svg class={name} viewBox={`${x} ${y} ${width} ${height}`} aria-hidden="true" focusable="false">
      <image href={url} width={sheetWidth} height={sheetHeight} />
    </svg>
  );
}
