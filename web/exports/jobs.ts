/** Files that the recorder makes: the queue, asked for again and again while somebody looks. */
import { signal } from '@preact/signals';
import { ApiError, get, request } from '../core/api.ts';

/** An export as the recorder tells of it. */
export interface ExportJob {
  readonly id: string | number;
  readonly state: 'queued' | 'running' | 'done' | 'failed';
  readonly cameras: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly createdMs: number;
  /** From 0 to 1. */
  readonly progress: number;
  readonly name: string | null;
  readonly bytes: number | null;
  readonly sha256: string | null;
  /** Why it failed, as a sentence. */
  readonly error: string | null;
}

export type Jobs =
  | { readonly kind: 'loading' }
  | { readonly kind: 'known'; readonly jobs: readonly ExportJob[] }
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
    const answer = await get<{ readonly exports: readonly ExportJob[] }>('/exports', signal);
    const jobs = [...answer.exports].sort((a, b) => b.createdMs - a.createdMs);
    exportJobs.value = { kind: 'known', jobs };
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
