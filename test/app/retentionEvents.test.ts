/** What the rules delete, told once an hour. */
import { expect, test } from 'vitest';
import { RetentionEvents } from '../../src/app/retentionEvents.ts';
import type { EventDraft } from '../../src/domain/event.ts';
import { cameraId } from '../../src/domain/ids.ts';

test('what was deleted of each camera is told once an hour, and only then', () => {
  const told: EventDraft[] = [];
  let ms = 0;
  const events = new RetentionEvents(
    (draft) => told.push(draft),
    () => ms,
  );
  const segment = (id: string, endMs: number) => ({ cameraId: cameraId(id), bytes: 1_500_000, endMs });
  events.hear([segment('front', 10), segment('front', 20)]);
  events.hear([segment('yard', 5)]);
  events.look();
  expect(told).toEqual([]);
  ms = 3_600_000;
  events.look();
  expect(told).toEqual([
    {
      kind: 'retention',
      cameraId: 'front',
      text: '2 segments (3.0 MB) were deleted by the rules in the last hour.',
      data: { segments: 2, bytes: 3_000_000, untilMs: 20 },
    },
    expect.objectContaining({ cameraId: 'yard' }),
  ]);
  ms = 7_200_000;
  events.look();
  expect(told).toHaveLength(2);
});
