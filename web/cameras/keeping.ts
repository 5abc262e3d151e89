/** When a camera records and how long that is kept: asked for and saved apart from the camera itself. */
import type { RetentionPolicy, ScheduleView } from '../../types/api.ts';
import { get, request } from '../core/api.ts';
import {
  type RetentionDraft,
  retentionBody,
  retentionDraftOf,
  STANDARD_RETENTION,
} from './retentionDraft.ts';
import { NEW_RANGE, type ScheduleDraft, scheduleBody, scheduleDraftOf } from './scheduleDraft.ts';

/** Null while it is not known. */
export interface Keeping {
  readonly schedule: ScheduleDraft | null;
  readonly retention: RetentionDraft | null;
}

/** What the recorder says, to tell what was changed; null of a new camera. */
export interface KnownKeeping {
  readonly schedule: ScheduleView;
  readonly retention: RetentionPolicy;
}

export const NEW_KEEPING: Keeping = {
  schedule: { weekly: [NEW_RANGE], exceptions: [] },
  retention: retentionDraftOf(STANDARD_RETENTION),
};

/** @throws ApiError */
export async function loadKeeping(camera: string): Promise<KnownKeeping> {
  const [schedule, retention] = await Promise.all([
    get<ScheduleView>(`/cameras/${camera}/schedule`),
    get<RetentionPolicy>(`/cameras/${camera}/retention`),
  ]);
  return { schedule, retention };
}

export function keepingOf({ schedule, retention }: KnownKeeping): Keeping {
  return { schedule: scheduleDraftOf(schedule), retention: retentionDraftOf(retention) };
}

/** Sends what was changed. @throws ApiError */
export async function saveKeeping(
  camera: string,
  keeping: Keeping,
  known: KnownKeeping | null,
  scheduled: boolean,
): Promise<void> {
  const before = known ? keepingOf(known) : { ...NEW_KEEPING, schedule: null };
  const { schedule, retention } = keeping;
  if (retention && differ(retention, before.retention)) {
    await request('PUT', `/cameras/${camera}/retention`, { body: retentionBody(retention) });
  }
  if (scheduled && schedule && differ(schedule, before.schedule)) {
    const body = scheduleBody(schedule, known?.schedule ?? null);
    await request('PUT', `/cameras/${camera}/schedule`, { body });
  }
}

function differ(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}
