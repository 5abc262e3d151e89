/** What there is of cameras over time, on the wire. */
import { type Static, Type } from 'typebox';
import { Count, list, nullable, strict, Time } from './shapes.ts';
import { GapCause } from './status.ts';

const Span = strict({ startMs: Time, endMs: Time }, 'An interval with footage');

const GapSpan = strict(
  {
    ...{ startMs: Time, endMs: Time, cause: GapCause },
    missingMs: Type.Integer({
      minimum: 0,
      description:
        'How much of it is without: all, or less where several that are close together are told as one',
    }),
  },
  'An interval without the footage that was wanted',
);

const OffClockSpan = strict(
  {
    ...{ startMs: Time, endMs: Time },
    offsetMs: Type.Integer({
      description: 'How many ms later it was, by the clock of the recorder’s machine as it was set since',
    }),
  },
  'Footage of a time when that clock was another',
);

/** One event, or the number of those that begin in a cell. */
const EventMark = strict(
  {
    startMs: Time,
    endMs: Time,
    count: Type.Integer({ minimum: 1, description: 'How many events it stands for' }),
    id: nullable(Type.Integer({ minimum: 1, description: 'Of a single event' })),
    kind: nullable(Type.String({ description: 'Of a single event: `mark` or `activity`' })),
    text: nullable(Type.String({ description: 'Of a single event' })),
  },
  'An event, or several that begin in the same cell',
);

const Activities = list(nullable(Type.Integer({ minimum: 0, maximum: 250 })));

export const CameraTimeline = strict(
  {
    cameraId: Type.String({ examples: ['front-door'] }),
    recordings: list(Span),
    onMissingVolume: Type.Unsafe<readonly Static<typeof Span>[]>(
      Type.Array(Span, {
        description:
          'Where footage is on a media folder that is missing now: it is recorded and no gap, and can’t be played until ' +
          'that is back',
      }),
    ),
    offClock: Type.Unsafe<readonly Static<typeof OffClockSpan>[]>(
      Type.Array(OffClockSpan, {
        description: 'Where the times of footage are those of a clock that was set since',
      }),
    ),
    gaps: list(GapSpan),
    events: Type.Unsafe<readonly Static<typeof EventMark>[]>(
      Type.Array(EventMark, { description: 'While cells are no longer than two minutes' }),
    ),
    counts: list(Type.Integer({ minimum: 0, description: 'How many events begin in the cell' })),
    recorded: list(
      Type.Integer({ minimum: 0, maximum: 1000, description: 'Thousandths of the cell with footage' }),
    ),
    peaks: Activities,
    means: Activities,
  },
  'One camera: intervals, and for each cell how much is recorded and how much moved (0–250; null: unknown) in its ' +
    'busiest second and on average',
);
export type CameraTimeline = Static<typeof CameraTimeline>;

export const TimelineView = strict(
  {
    startMs: Time,
    endMs: Time,
    resolutionMs: Type.Integer({ minimum: 1000, description: 'Length of a cell' }),
    exact: Type.Boolean({
      description: 'Whether intervals and events are as they were, or rounded to cells',
    }),
    cameras: list(CameraTimeline),
  },
  'The whole cells that hold the interval that was asked for',
);
export type TimelineView = Static<typeof TimelineView>;

/** A day of a camera. */
export const CalendarCell = strict(
  {
    recordedMs: Count,
    share: Type.Number({ minimum: 0, maximum: 1, description: 'Of the day, of 23 to 25 hours' }),
    gapMs: Count,
    events: Count,
    mean: nullable(Type.Integer({ minimum: 0, maximum: 250, description: 'How much moved, on average' })),
  },
  'A day of a camera',
);

export const CalendarView = strict(
  {
    month: Type.String({ examples: ['2026-03'] }),
    days: list(
      strict(
        { day: Type.String({ examples: ['2026-03-29'] }), startMs: Time, endMs: Time },
        'A calendar day of the configured zone: 23, 24 or 25 hours',
      ),
    ),
    cameras: list(
      strict(
        { cameraId: Type.String({ examples: ['front-door'] }), days: list(CalendarCell) },
        'The days of a camera, as many as in `days`',
      ),
    ),
  },
  'The days of a month, of several cameras',
);
export type CalendarView = Static<typeof CalendarView>;
