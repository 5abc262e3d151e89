/** Who is logged in. */
import { signal } from '@preact/signals';
import type { LoginInput, Role, SessionView } from '../../types/api.ts';
import { ApiError, get, request, whenUnauthorised } from './api.ts';
import { synchronise } from './clock.ts';
import { startPolling, stopPolling } from './fleet.ts';

/** `asking` until the recorder has said who we are; `null` when nobody is. */
export const session = signal<SessionView | null | 'asking'>('asking');

const RANK: Readonly<Record<Role, number>> = { viewer: 1, operator: 2, admin: 3 };
const RETRY_MS = 2_000;
/** Whose the page is: what it holds of one user is not for another. */
let owner: string | null = null;

/** Whether the user may do what needs this role. */
export function may(role: Role): boolean {
  const who = session.value;
  return who !== null && who !== 'asking' && RANK[who.role] >= RANK[role];
}

/** @throws ApiError when the recorder refuses */
export async function logIn(input: LoginInput): Promise<void> {
  await begin(await request<SessionView>('POST', '/session', { body: input }));
}

/** The first set-up, which logs its user in. @throws ApiError when the recorder refuses */
export async function setUp(code: string, password: string): Promise<void> {
  await begin(await request<SessionView>('POST', '/setup', { body: { code, password } }));
}

export async function logOut(): Promise<void> {
  const who = session.peek();
  await request('DELETE', '/session').catch(() => undefined);
  // The answer may come late: whoever has logged in since stays.
  if (session.peek() === who) end();
}

/** Finds out who is logged in, until the recorder answers. */
export async function startSession(): Promise<void> {
  whenUnauthorised(end);
  try {
    await begin(await get<SessionView>('/session'));
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) end();
    else window.setTimeout(() => void startSession(), RETRY_MS);
  }
}

async function begin(who: SessionView): Promise<void> {
  if (owner !== null && owner !== who.name) return window.location.reload();
  owner = who.name;
  await synchronise().catch(() => undefined);
  startPolling();
  session.value = who;
}

function end(): void {
  stopPolling();
  session.value = null;
}
