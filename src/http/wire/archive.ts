/** What was recorded, on the wire. */
import { type Static, Type } from 'typebox';
import { Count, list, nullable, strict, Time } from './shapes.ts';
import { EndReason, GapCause, RecordingReason } from './status.ts';

/** One file of the archive: about a minute of one run. */
export const SegmentView = strict(
  {
    id: Type.Integer({ minimum: 1 }),
    runId: Type.String(),
    startMs: Time,
    endMs: Time,
    bytes: Count,
    frames: Count,
    open: Type.Boolean({ description: 'Still being written: its end, size and frames grow' }),
  },
  'A segment file, to be had at /segments/{id}/file.mp4',
);
export type SegmentView = Static<typeof SegmentView>;

export const SegmentList = strict(
  {
    segments: list(SegmentView),
    next: nullable(Type.String({ description: 'Give as `cursor` to go on; null at the end' })),
  },
  'Segments in order of time',
);
export type SegmentList = Static<typeof SegmentList>;

export const RecordingView = strict(
  {
    startMs: Time,
    endMs: nullable(Time),
    beginReason: RecordingReason,
    endReason: nullable(EndReason),
    clockOffsetMs: Type.Integer({
      description:
        'How many ms later it was than these times say, by the clock of the recorder’s machine, which was set since; ' +
        '0 when it was not. Times of footage are never changed.',
    }),
  },
  'A contiguous interval that was recorded',
);
export type RecordingView = Static<typeof RecordingView>;

export const RecordingList = strict(
  {
    recordings: list(RecordingView),
    onMissingVolume: list(
      strict({ startMs: Time, endMs: Time }, 'Recorded, on a media folder that is missing now: no gap'),
    ),
  },
  'Recordings in order of time',
);
export type RecordingList = Static<typeof RecordingList>;

export const GapView = strict(
  {
    startMs: Time,
    endMs: nullable(Time),
    cause: GapCause,
  },
  'An interval in which recording was wanted and no media became durable',
);
export type GapView = Static<typeof GapView>;

export const GapList = strict({ gaps: list(GapView) }, 'Gaps in order of time');
export type GapList = Static<typeof GapList>;

/** A calendar day of the configured zone: 23, 24 or 25 hours. */
export const DayView = strict(
  {
    day: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', examples: ['2026-03-29'] }),
    startMs: Time,
    endMs: Time,
    recordedMs: Type.Number({ minimum: 0, description: 'Milliseconds of footage in it' }),
  },
  'A calendar day that has footage',
);
export type DayView = Static<typeof DayView>;

export const DayList = strict({ days: list(DayView) }, 'Days with footage, oldest first');
export type DayList = Static<typeof DayList>;

export const ExportPartView = strict(
  {
    part: Type.Integer({ minimum: 1, description: 'Give as `part` to export.mp4' }),
    startMs: Time,
    endMs: Time,
    recordedMs: Type.Number({ minimum: 0, description: 'Milliseconds of footage in it' }),
  },
  'Footage of one format, which can be one file',
);
export type ExportPartView = Static<typeof ExportPartView>;

export const ExportParts = strict({ parts: list(ExportPartView) }, 'Parts in order of time');
export type ExportParts = Static<typeof ExportParts>;
