/** Fake ports of what finds footage, and what they answer. */
import { epochMs } from '../../src/domain/time.ts';
import type { FindingPorts } from '../../src/http/finding.ts';
import type { ActivityView } from '../../src/http/wire/activity.ts';
import type { CalendarView, TimelineView } from '../../src/http/wire/timeline.ts';

const NOW = epochMs(1_774_738_800_000);

export const TIMELINE: TimelineView = {
  ...{ startMs: NOW, endMs: NOW + 120_000, resolutionMs: 60_000, exact: true },
  cameras: [
    {
      cameraId: 'front-door',
      recordings: [{ startMs: NOW, endMs: NOW + 60_000 }],
      gaps: [{ startMs: NOW + 60_000, endMs: NOW + 120_000, cause: 'unreachable' }],
      events: [{ startMs: NOW, endMs: NOW + 1000, count: 1, id: 3, kind: 'mark', text: 'A cat' }],
      ...{ recorded: [1000, 0], peaks: [200, null], means: [12, null] },
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

/** @param noted makes a method that notes its calls under a name, and gives an answer */
export function findingPorts(
  noted: <Args extends unknown[], Answer>(name: string, answer: Answer) => (...args: Args) => Promise<Answer>,
): FindingPorts {
  return {
    timeline: { timeline: noted('timeline', TIMELINE), calendar: noted('calendar', CALENDAR) },
    activity: { rule: noted('rule', ACTIVITY), setRule: noted('setRule', ACTIVITY) },
  };
}
