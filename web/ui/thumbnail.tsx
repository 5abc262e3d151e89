/** A small picture of a camera beside its name: what a list is looked through by. Nothing is said where there is none. */
import { useSignal } from '@preact/signals';
import { apiUrl } from '../core/api.ts';
import { Icon } from './icon.tsx';

/** Pixels of the screen in which the widest one is shown sharp. */
const WIDTH = 320;

interface ThumbnailProps {
  readonly camera: string;
  /** The moment, in epoch milliseconds; the newest picture without one. */
  readonly ms?: number;
}

export function Thumbnail({ camera, ms }: ThumbnailProps) {
  const failed = useSignal(false);
  const moment = ms === undefined ? '' : `&t=${Math.round(ms)}`;
  return (
    <span class="thumbnail">
      {failed.value ? (
        <Icon name="noVideo" />
      ) : (
        <img
          src={apiUrl(`/cameras/${encodeURIComponent(camera)}/snapshot.jpg?width=${WIDTH}${moment}`)}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => {
            failed.value = true;
          }}
        />
      )}
    </span>
  );
}
