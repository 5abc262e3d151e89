/** When activity of a camera is an event, on the wire. */
import { type Static, Type } from 'typebox';
import { WeeklyRanges } from './schedule.ts';
import { nullable, strict } from './shapes.ts';

const rule = {
  enabled: Type.Boolean({ description: 'Whether activity becomes events' }),
  beginAt: Type.Integer({
    minimum: 1,
    maximum: 250,
    description: 'An event begins when activity is at least this for `leastSeconds`',
    examples: [40],
  }),
  endBelow: Type.Integer({
    minimum: 1,
    maximum: 250,
    description: 'It ends when activity was below this, at most `beginAt`, for `quietSeconds`',
    examples: [20],
  }),
  leastSeconds: Type.Integer({ minimum: 1, maximum: 60, examples: [2] }),
  quietSeconds: Type.Integer({ minimum: 1, maximum: 600, examples: [10] }),
  weekly: WeeklyRanges,
};

export const ActivityInput = strict(
  rule,
  'When activity of a camera is an event; always when `weekly` is empty',
);
export type ActivityInput = Static<typeof ActivityInput>;

export const ActivityView = strict(
  {
    ...rule,
    now: nullable(
      Type.Integer({
        minimum: 0,
        maximum: 250,
        description:
          'Activity of the last second: 50 for each spread of what is usual; null while it is unknown',
      }),
    ),
  },
  'When activity of a camera is an event, and how much there is',
);
export type ActivityView = Static<typeof ActivityView>;
