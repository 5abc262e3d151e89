/** Alarms on the wire. */
import { type Static, Type } from 'typebox';
import { ALARM_KINDS, type AlarmKind } from '../../domain/alarms.ts';
import { list, nullable, strict, Time } from './shapes.ts';

const KINDS = Object.keys(ALARM_KINDS).filter((kind): kind is AlarmKind => Object.hasOwn(ALARM_KINDS, kind));

export const AlarmView = strict(
  {
    id: Type.String({
      description: 'The same whenever the same thing is wrong',
      examples: ['not-durable.front-door'],
    }),
    kind: Type.Enum(KINDS, {
      description: Object.entries(ALARM_KINDS)
        .map(([kind, sentence]) => `\`${kind}\`: ${sentence}`)
        .join(' '),
    }),
    subject: Type.String({ description: 'Which camera or folder; empty when there is only one' }),
    cameraId: Type.Optional(Type.String()),
    text: Type.String({ description: 'A sentence for people' }),
    sinceMs: Time,
    acknowledged: nullable(strict({ by: Type.String(), atMs: Time }, 'Who has seen it, and when')),
  },
  'Something that needs a person',
);
export type AlarmView = Static<typeof AlarmView>;

export const AlarmList = strict({ alarms: list(AlarmView) }, 'Alarms that are raised');

export const AlarmParams = strict(
  { alarmId: Type.String({ pattern: '^[a-z-]{1,32}(?:\\.[a-z0-9-]{1,80})?$', examples: ['clock-wrong'] }) },
  'An alarm',
);
