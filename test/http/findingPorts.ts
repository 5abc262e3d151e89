/** Fake ports of what finds footage, and what they answer. */
import { epochMs } from '../../src/domain/time.ts';
import type { FindingPorts } from '../../src/http/finding.ts';
import type { ActivityView } from '../../src/http/wire/activity.ts';
import type { ExportJobView } from '../../src/http/wire/exportJob.ts';
import type { CalendarView, TimelineView } from '../../src/http/wire/timeline.ts';
import { textsOf } from './timelineTexts.ts';

const NOW = epochMs(1_774_738_800_000);

export const TIMELINE: TimelineView = {
  ...{ startMs: NOW, endMs: NOW + 120_000, resolutionMs: 60_000, exact: true },
  cameras: [
    {
      cameraId: 'front-door',
      recordings: [{ startMs: NOW, endMs: NOW + 60_000 }],
      onMissingVolume: [{ startMs: NOW, endMs: NOW + 30_000 }],
      offClock: [{ startMs: NOW + 30_000, endMs: NOW + 60_000, offsetMs: -3_600_000 }],
      gaps: [{ startMs: NOW + 60_000, endMs: NOW + 120_000, cause: 'unreachable', missingMs: 60_000 }],
      events: [{ startMs: NOW, endMs: NOW + 1000, count: 1, id: 3, kind: 'mark', text: 'A cat' }],
      ...{ counts: [1, 0], recorded: [1000, 0], peaks: [200, null], means: [12, null] },
    },
  ],
};

export const CALENDAR: CalendarView = {
  month: '2026-03',
  days: [{ day: '2026-03-29', startMs: NOW, endMs: NOW + 82_800_000 }],
  cameras: [
    {
      cameraId: 'front-door',
      days: [{ recordedMs: 41_400_000, share: 0.5, gapMs: 1000, events: 2, mean: 3 }],
    },
  ],
};

export const ACTIVITY: ActivityView = {
  ...{ enabled: true, beginAt: 100, endBelow: 40, leastSeconds: 2, quietSeconds: 10 },
  weekly: [{ days: [1, 2, 3, 4, 5], from: '22:00', to: '06:00' }],
  now: 17,
};

export const EXPORT_JOB: ExportJobView = {
  ...{ id: 7, state: 'running', cameras: ['front-door'], format: 'ts', zip: false, burnTime: false },
  ...{ fromMs: NOW - 60_000, toMs: NOW, createdMs: NOW, createdBy: 'viewer', progress: 0.25 },
  ...{ expiresMs: null, name: 'Front door.ts', bytes: null, sha256: null, error: null },
};

/**
 * @param noted makes a method that notes its calls under a name, and gives an answer
 * @param file behind every export
 */
export function findingPorts(
  noted: <Args extends unknown[], Answer>(name: string, answer: Answer) => (...args: Args) => Promise<Answer>,
  file: string,
): FindingPorts {
  return {
    timeline: { timeline: noted('timeline', textsOf(TIMELINE)), calendar: noted('calendar', CALENDAR) },
    activity: { rule: noted('rule', ACTIVITY), setRule: noted('setRule', ACTIVITY) },
    jobs: {
      list: noted('exports', { exports: [EXPORT_JOB], key: '0123-4567' }),
      get: noted('export', EXPORT_JOB),
      order: noted('orderExport', EXPORT_JOB),
      remove: noted('removeExport', undefined),
      file: noted('exportFile', file),
    },
  };
}
