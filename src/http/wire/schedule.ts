/** When cameras record, on the wire. */
import { type Static, Type } from 'typebox';
import { list, nullable, strict, Time } from './shapes.ts';

const From = Type.String({ maxLength: 5, description: 'HH:MM, as clocks show it', examples: ['22:00'] });
const To = Type.String({
  maxLength: 5,
  description: 'HH:MM, at most 24:00; before `from` when the range ends on the next day',
  examples: ['06:00'],
});
const TimeRange = strict({ from: From, to: To }, 'From a time of a day to another');
/** Body of `PUT /cameras/:cameraId/schedule/override`. */
export const ScheduleOverride = strict(
  { record: Type.Boolean(), untilMs: Type.Integer() },
  'What holds until a time, whatever the ranges say',
);
export type ScheduleOverride = Static<typeof ScheduleOverride>;

export const WeeklyRanges = list(
  strict(
    {
      days: list(Type.Integer({ description: '1 is Monday, 7 is Sunday' })),
      from: From,
      to: To,
    },
    'A range that begins on some days of the week',
  ),
);

const parts = {
  weekly: WeeklyRanges,
  exceptions: list(
    strict(
      { date: Type.String({ maxLength: 10, examples: ['2026-12-25'] }), ranges: list(TimeRange) },
      'What replaces the ranges that begin on a date; none on a holiday',
    ),
  ),
  override: nullable(ScheduleOverride),
};

/** Body of `PUT /cameras/:cameraId/schedule`: what is absent is empty. */
export const ScheduleInput = strict(
  {
    weekly: Type.Optional(parts.weekly),
    exceptions: Type.Optional(parts.exceptions),
    override: Type.Optional(parts.override),
  },
  'When a camera in mode scheduled records, in the zone of the recorder',
);
export type ScheduleInput = Static<typeof ScheduleInput>;

export const ScheduleView = strict(
  {
    ...parts,
    wanted: Type.Boolean({ description: 'Whether it says to record now' }),
    nextChangeMs: nullable(Time),
  },
  'When a camera in mode scheduled records; round the clock until it is told otherwise',
);
export type ScheduleView = Static<typeof ScheduleView>;
