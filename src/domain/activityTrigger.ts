/**
 * When activity becomes an event: it has to be strong enough for long enough, ends only when it has been weak for a
 * while, and counts only at the times of the day that the user chose. Pure.
 */
import { MOST_ACTIVITY, type SecondActivity } from './activity.ts';
import { NvrError } from './errors.ts';
import { type Schedule, type ScheduleInput, validateSchedule, wantedAt } from './schedule.ts';
import { epochMs } from './time.ts';
import type { Zone } from './zone.ts';

/** When activity of a camera is an event. */
export interface ActivityRule {
  readonly enabled: boolean;
  /** An event begins at this activity, 1–250, when it lasts `leastSeconds`. */
  readonly beginAt: number;
  /** It ends when activity was below this, which is no more than `beginAt`, for `quietSeconds`. */
  readonly endBelow: number;
  readonly leastSeconds: number;
  readonly quietSeconds: number;
  /** When it matters, as in schedules; always when there are no ranges. */
  readonly weekly: Schedule['weekly'];
}

export const DEFAULT_RULE: ActivityRule = {
  enabled: false,
  beginAt: 40,
  endBelow: 20,
  leastSeconds: 2,
  quietSeconds: 10,
  weekly: [],
};

/** What is known between two seconds. */
export type TriggerState =
  | { readonly name: 'quiet' }
  /** Strong since a second, but not for long enough yet. */
  | { readonly name: 'rising'; readonly since: number; readonly peak: number }
  | { readonly name: 'active'; readonly since: number; readonly lastStrong: number; readonly peak: number };

export type TriggerEffect =
  | { readonly type: 'begin'; readonly since: number }
  /** `until` is the end of the last second that was not weak. */
  | { readonly type: 'end'; readonly since: number; readonly until: number; readonly peak: number };

type Step = readonly [TriggerState, TriggerEffect | null];

export const QUIET: TriggerState = { name: 'quiet' };
/** No event is longer, in seconds: what lasts is told again. */
const LONGEST = 3_600;

/** A rule as it is given, before anything of it is known to be right. */
export interface RuleInput extends Omit<ActivityRule, 'weekly'> {
  readonly weekly: NonNullable<ScheduleInput['weekly']>;
}

/** @throws NvrError `invalid` naming the field. */
export function checkRule(input: RuleInput): ActivityRule {
  const { beginAt, endBelow, leastSeconds, quietSeconds } = input;
  const whole = (value: number, least: number, most: number, field: string) => {
    if (Number.isInteger(value) && value >= least && value <= most) return;
    throw new NvrError('invalid', `It must be a whole number from ${least} to ${most}.`, { field });
  };
  whole(beginAt, 1, MOST_ACTIVITY, 'beginAt');
  whole(endBelow, 1, MOST_ACTIVITY, 'endBelow');
  whole(leastSeconds, 1, 60, 'leastSeconds');
  whole(quietSeconds, 1, 600, 'quietSeconds');
  const { weekly } = validateSchedule({ weekly: input.weekly }, '');
  if (endBelow <= beginAt) return { ...input, weekly };
  throw new NvrError('invalid', 'An event cannot end above the activity at which it begins.', {
    field: 'endBelow',
  });
}

/** Whether activity matters at a second. */
export function matters({ enabled, weekly }: ActivityRule, second: number, zone: Zone): boolean {
  if (!enabled) return false;
  if (weekly.length === 0) return true;
  return wantedAt({ weekly, exceptions: [], override: null }, epochMs(second * 1000), zone);
}

/**
 * The next second. Seconds may be missing; what is unknown is weak.
 * @param counts as `matters` says
 */
export function nextSecond(
  state: TriggerState,
  { second, activity }: SecondActivity,
  rule: ActivityRule,
  counts: boolean,
): Step {
  const level = counts ? (activity ?? 0) : 0;
  const strong = level >= rule.beginAt;
  switch (state.name) {
    case 'quiet':
      return strong ? rising({ name: 'rising', since: second, peak: level }, second, rule) : [QUIET, null];
    case 'rising':
      if (!strong) return [QUIET, null];
      return rising({ ...state, peak: Math.max(state.peak, level) }, second, rule);
    case 'active': {
      const weak = level < rule.endBelow;
      const lastStrong = weak ? state.lastStrong : second;
      const after: TriggerState = { ...state, lastStrong, peak: Math.max(state.peak, level) };
      const over = second - lastStrong >= rule.quietSeconds || second - state.since >= LONGEST || !counts;
      return over ? ended(after) : [after, null];
    }
  }
}

/** When nothing more will come. */
export function stopped(state: TriggerState): Step {
  return state.name === 'active' ? ended(state) : [QUIET, null];
}

function rising(
  state: TriggerState & { name: 'rising' },
  second: number,
  { leastSeconds }: ActivityRule,
): Step {
  const { since, peak } = state;
  if (second - since + 1 < leastSeconds) return [state, null];
  return [
    { name: 'active', since, lastStrong: second, peak },
    { type: 'begin', since },
  ];
}

function ended({ since, lastStrong, peak }: TriggerState & { name: 'active' }): Step {
  return [QUIET, { type: 'end', since, until: lastStrong + 1, peak }];
}
