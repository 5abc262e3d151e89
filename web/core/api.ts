/** The API as any other client would use it: JSON over fetch, the session in a cookie, problems as errors. */
import type { Problem } from '../../types/api.ts';

const PREFIX = '/api/v1';
/** An answer that takes longer is none: the recorder is lost. A probe may take 10 s. */
const LIMIT_MS = 15_000;
/** A probe, and then a picture. */
const PICTURE_LIMIT_MS = 25_000;

/** A request that was not done: refused with a problem, or never answered (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem | null;

  constructor(status: number, problem: Problem | null) {
    super(problem?.detail ?? `status ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.problem = problem;
  }
}

export interface RequestOptions {
  readonly body?: unknown;
  /** Revision that the change is based on. */
  readonly ifMatch?: number;
  readonly signal?: AbortSignal;
  readonly limitMs?: number;
}

type Unauthorised = () => void;
let onUnauthorised: Unauthorised = () => undefined;

/** Who is told when the session has ended. */
export function whenUnauthorised(listener: Unauthorised): void {
  onUnauthorised = listener;
}

/** Address of a resource of the API, for links and players. */
export function apiUrl(path: string): string {
  return PREFIX + path;
}

/**
 * @returns the answer's JSON; null when it has none
 * @throws ApiError
 */
export async function request<T = null>(
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<T> {
  const response = await answer(method, path, options);
  if (!response.ok) {
    const problem = await problemOf(response);
    if (response.status === 401 && path !== '/session') void confirmUnauthorised();
    throw new ApiError(response.status, problem);
  }
  // `json()` promises anything: what the types say of the API is trusted here and nowhere else.
  return response.status === 204 ? JSON.parse('null') : await response.json();
}

/**
 * Sends JSON and takes bytes: a picture.
 * @throws ApiError
 */
export async function requestBlob(path: string, body: unknown, signal: AbortSignal): Promise<Blob> {
  const response = await answer('POST', path, { body, signal, limitMs: PICTURE_LIMIT_MS });
  if (!response.ok) throw new ApiError(response.status, await problemOf(response));
  return await response.blob();
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request('GET', path, signal ? { signal } : {});
}

async function answer(
  method: string,
  path: string,
  { body, ifMatch, signal, limitMs = LIMIT_MS }: RequestOptions,
): Promise<Response> {
  const limit = AbortSignal.timeout(limitMs);
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (ifMatch !== undefined) headers['if-match'] = `"${ifMatch}"`;
  try {
    return await fetch(apiUrl(path), {
      method,
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, null);
  }
}

async function problemOf(response: Response): Promise<Problem | null> {
  try {
    const problem: Problem = await response.json();
    return typeof problem.detail === 'string' ? problem : null;
  } catch {
    return null;
  }
}

/** A camera may refuse its password as well: only the session itself says that the session has ended. */
async function confirmUnauthorised(): Promise<void> {
  const session = await fetch(apiUrl('/session'), { cache: 'no-store' }).catch(() => null);
  if (session?.status === 401) onUnauthorised();
}
