/** The settings of thumbnails. */
import type { Setting } from '../config.ts';
import { integer } from './readers.ts';

export interface PictureConfig {
  /** Of one processor, for thumbnails that are made as footage comes; 0 makes none in advance. */
  readonly previewCpuPercent: number;
  /** Of all thumbnails together. */
  readonly previewMegabytes: number;
}

export const PICTURE_SETTINGS: { readonly [K in keyof PictureConfig]: Setting<PictureConfig[K]> } = {
  previewCpuPercent: {
    describes:
      'Share of one processor for making thumbnails as footage comes; with 0 they are made when asked for',
    read: integer(0, 100),
    fallback: () => 5,
  },
  previewMegabytes: {
    describes: 'Most that thumbnails take in the state folder; those unused the longest go first',
    read: integer(16, 1_000_000),
    fallback: () => 1_024,
  },
};
