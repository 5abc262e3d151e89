/** The settings of exports that are made in the background. */
import type { Setting } from '../config.ts';
import { integer, optional, path } from './readers.ts';

export interface ExportConfig {
  /** Absolute path of the folder of their files; null is one in the state folder. */
  readonly exportDir: string | null;
  /** How long they are kept. */
  readonly exportDays: number;
}

export const EXPORT_SETTINGS: { readonly [K in keyof ExportConfig]: Setting<ExportConfig[K]> } = {
  exportDir: {
    describes: 'Folder for exports that are made in the background; one in the state folder when absent',
    read: optional(path),
    fallback: () => null,
  },
  exportDays: {
    describes: 'How many days such exports are kept',
    read: integer(1, 3_650),
    fallback: () => 7,
  },
};
