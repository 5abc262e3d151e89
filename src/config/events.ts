/** The settings of events, of those who are told of them, and of alarms. */
import type { Setting } from '../config.ts';
import { choice, integer } from './readers.ts';

export interface EventConfig {
  readonly webhooksToLoopback: boolean;
  /** Raise an alarm when nothing of a camera that should be recorded reached the disk for so long. */
  readonly alarmSeconds: number;
  /** Raise an alarm when footage will be kept for less; 0 for never. */
  readonly alarmDays: number;
  /** Events older than that, and the oldest of more than so many, are forgotten. */
  readonly eventDays: number;
  readonly mostEvents: number;
}

export const EVENT_SETTINGS: { readonly [K in keyof EventConfig]: Setting<EventConfig[K]> } = {
  webhooksToLoopback: {
    describes: 'Whether webhooks may go to this machine itself: true or false',
    read: (value) => choice(['true', 'false'])(String(value)) === 'true',
    fallback: () => false,
  },
  alarmSeconds: {
    describes: 'Raise an alarm when nothing of a camera that should be recorded reached the disk for so long',
    read: integer(5, 86_400),
    fallback: () => 30,
  },
  alarmDays: {
    describes: 'Raise an alarm when footage will be kept for fewer days for lack of space; 0 for never',
    read: integer(0, 36_500),
    fallback: () => 1,
  },
  eventDays: {
    describes: 'How long events are kept; marks by hand stay',
    read: integer(1, 36_500),
    fallback: () => 365,
  },
  mostEvents: {
    describes: 'How many events are kept at most',
    read: integer(100, 100_000_000),
    fallback: () => 500_000,
  },
};
