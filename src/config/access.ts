/** The settings of who is believed to be whom. */
import type { Setting } from '../config.ts';
import { optional, text } from './readers.ts';

export interface AccessConfig {
  /** In lower case. */
  readonly userHeader: string | null;
}

export const ACCESS_SETTINGS: { readonly [K in keyof AccessConfig]: Setting<AccessConfig[K]> } = {
  userHeader: {
    describes:
      'Header in which a trusted proxy names the user it has authenticated, such as X-Forwarded-User',
    read: optional((value) =>
      text(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'the name of a header')(value).toLowerCase(),
    ),
    fallback: () => null,
  },
};
