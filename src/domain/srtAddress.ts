/** SRT addresses as people paste them, with their settings as a query: `srt://host:9000?streamid=door&mode=caller`. Pure. */
import { parseAddress, SCHEMES_OF } from './address.ts';
import type { SrtSource } from './camera.ts';
import { NvrError } from './errors.ts';

/** What such an address says; `url` is without the query. */
export interface SrtAddress {
  readonly url: string;
  readonly role?: SrtSource['role'];
  readonly streamId?: string;
  readonly password?: string;
  readonly latencyMs?: number;
}

const SETTINGS = ['mode', 'streamid', 'passphrase', 'latency'];

/** @throws NvrError `invalid` naming the field, for what is no SRT address, and for settings that are not known here. */
export function parseSrtAddress(text: string, field = 'url'): SrtAddress {
  const [head = '', query = ''] = text.trim().split('?', 2);
  const { url, username } = parseAddress(head, field, SCHEMES_OF.srt);
  if (username !== undefined) throw new NvrError('invalid', 'An SRT address has no user.', { field });
  const settings = new URLSearchParams(query);
  const unknown = [...settings.keys()].find((name) => !SETTINGS.includes(name));
  if (unknown !== undefined)
    throw new NvrError(
      'invalid',
      'The address has a setting that is not one of mode, streamid, passphrase, latency.',
      {
        field,
      },
    );
  const [streamId, password] = [settings.get('streamid'), settings.get('passphrase')];
  const role = roleOf(settings.get('mode'), field);
  const latencyMs = latencyOf(settings.get('latency'), field);
  return {
    url: url.replace(/\/+$/u, ''),
    ...(role && { role }),
    ...(streamId !== null && { streamId }),
    ...(password !== null && { password }),
    ...(latencyMs !== null && { latencyMs }),
  };
}

function roleOf(mode: string | null, field: string): SrtSource['role'] | null {
  if (mode === null || mode === 'caller' || mode === 'listener') return mode;
  throw new NvrError('invalid', 'The mode of an SRT address is caller or listener.', { field });
}

function latencyOf(text: string | null, field: string): number | null {
  if (text === null) return null;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 20 && value <= 8000) return value;
  throw new NvrError('invalid', 'The latency of an SRT address is 20 to 8000 milliseconds.', { field });
}
