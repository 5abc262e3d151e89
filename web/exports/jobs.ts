/** Files that the recorder makes: the queue, asked for again and again while somebody looks. */
import { signal } from '@preact/signals';
import type { ExportJobView } from '../../types/api.ts';
import { ApiError, get, request } from '../core/api.ts';

export type ExportJob = ExportJobView;

export type Jobs =
  | { readonly kind: 'loading' }
  | { readonly kind: 'known'; readonly jobs: readonly ExportJob[]; readonly key: string }
  | { readonly kind: 'failed'; readonly error: unknown };

const BUSY_MS = 1_000;
const QUIET_MS = 5_000;

export const exportJobs = signal<Jobs>({ kind: 'loading' });

/** Asks until the function given back is called. */
export function watchJobs(): () => void {
  const controller = new AbortController();
  let timer: number | undefined;
  const look = async () => {
    await loadJobs(controller.signal);
    if (!controller.signal.aborted)
      timer = window.setTimeout(() => void look(), isBusy() ? BUSY_MS : QUIET_MS);
  };
  void look();
  return () => {
    controller.abort();
    window.clearTimeout(timer);
  };
}

export async function loadJobs(signal?: AbortSignal): Promise<void> {
  try {
    const answer = await get<{ readonly exports: readonly ExportJob[]; readonly key: string }>(
      '/exports',
      signal,
    );
    exportJobs.value = { kind: 'known', jobs: answer.exports, key: answer.key };
  } catch (error) {
    if (signal?.aborted) return;
    // What is known stays on show while the recorder is lost; that it is lost is said elsewhere.
    const lost = error instanceof ApiError && error.status === 0;
    if (!lost || exportJobs.peek().kind !== 'known') exportJobs.value = { kind: 'failed', error };
  }
}

/** @throws ApiError */
export async function deleteJob(id: ExportJob['id']): Promise<void> {
  await request('DELETE', `/exports/${id}`);
  await loadJobs();
}

function isBusy(): boolean {
  const known = exportJobs.peek();
  return known.kind === 'known' && known.jobs.some(({ state }) => state === 'queued' || state === 'running');
}
