/** What who is not logged in sees: the login or, of a new recorder, the first set-up. */
import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import type { SetupView } from '../../types/api.ts';
import { get } from '../core/api.ts';
import { Login } from './login.tsx';

interface FirstRun {
  readonly view: SetupView;
  readonly Page: ComponentType<{ readonly view: SetupView }>;
}

/** Null when there is nothing to set up. */
const firstRun = signal<FirstRun | null | 'asking'>('asking');

export function Front() {
  useEffect(() => void ask(), []);
  const found = firstRun.value;
  if (found === 'asking') return null;
  return found ? <found.Page view={found.view} /> : <Login />;
}

async function ask(): Promise<void> {
  try {
    const view = await get<SetupView>('/setup');
    firstRun.value = view.open ? { view, Page: (await import('./setup.tsx')).default } : null;
  } catch {
    firstRun.value = null;
  }
}
