/** Something of the API that a part of the page shows: asked for when it appears, and again when it is told to. */
import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ApiError, get } from './api.ts';

export type Loaded<T> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'known'; readonly value: T }
  /** This recorder has no such thing, or not for this user. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly error: unknown };

export interface Resource<T> {
  readonly state: ReadonlySignal<Loaded<T>>;
  readonly reload: () => Promise<void>;
}

const ABSENT = [403, 404];

/** @param everyMs asks again so often; once when absent */
export function useResource<T>(path: string, everyMs?: number): Resource<T> {
  const state = useSignal<Loaded<T>>({ kind: 'loading' });
  const current = useRef(path);
  current.current = path;
  const known = useRef('');
  const reload = async () => {
    const asked = current.current;
    const answer = await ask<T>(asked);
    if (asked !== current.current) return;
    // What is known of it stays while the recorder does not answer.
    const lost = answer.kind === 'failed' && state.peek().kind === 'known' && known.current === asked;
    if (lost) return;
    known.current = asked;
    state.value = answer;
  };
  useEffect(() => {
    void reload();
    const timer = everyMs === undefined ? undefined : window.setInterval(() => void reload(), everyMs);
    return () => window.clearInterval(timer);
  }, [path]);
  return { state, reload };
}

async function ask<T>(path: string): Promise<Loaded<T>> {
  try {
    return { kind: 'known', value: await get<T>(path) };
  } catch (error) {
    const absent = error instanceof ApiError && ABSENT.includes(error.status);
    return absent ? { kind: 'absent' } : { kind: 'failed', error };
  }
}
