/** Levels of logging on the wire. */
import { type Static, Type } from 'typebox';
import { strict } from './shapes.ts';

const Level = Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], {
  description: 'Least important lines that are logged',
  examples: ['debug'],
});

export const LogLevels = strict(
  { archive: Level, cameras: Level, events: Level, finding: Level, http: Level },
  'What each room logs',
);
export type LogLevels = Static<typeof LogLevels>;

const some = Type.Optional(Level);
/** Body of `PATCH /logs`. */
export const LogLevelsPatch = Type.Object(
  { archive: some, cameras: some, events: some, finding: some, http: some },
  { additionalProperties: false, minProperties: 1, description: 'Rooms to log more or less of' },
);
export type LogLevelsPatch = Static<typeof LogLevelsPatch>;
