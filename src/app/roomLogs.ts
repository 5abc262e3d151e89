/** A logger for each room, whose level can be changed while the recorder runs. */
import type { FastifyBaseLogger } from 'fastify';
import { LOG_LEVELS, type LogLevel } from '../config.ts';
import type { LogsPort } from '../http/eventPort.ts';

export const LOG_ROOMS = ['archive', 'cameras', 'events', 'finding', 'http'] as const;
export type LogRoom = (typeof LOG_ROOMS)[number];

export class RoomLogs implements LogsPort {
  readonly #loggers: Readonly<Record<LogRoom, FastifyBaseLogger>>;

  /** Each room logs what the given one does, until it is told otherwise. */
  constructor(root: FastifyBaseLogger) {
    const of = (room: LogRoom) => root.child({ room });
    this.#loggers = {
      archive: of('archive'),
      cameras: of('cameras'),
      events: of('events'),
      finding: of('finding'),
      http: of('http'),
    };
  }

  of(room: LogRoom): FastifyBaseLogger {
    return this.#loggers[room];
  }

  levels(): Readonly<Record<LogRoom, LogLevel>> {
    const level = (room: LogRoom) => LOG_LEVELS.find((each) => each === this.#loggers[room].level) ?? 'info';
    return {
      archive: level('archive'),
      cameras: level('cameras'),
      events: level('events'),
      finding: level('finding'),
      http: level('http'),
    };
  }

  /** Holds until the recorder stops. */
  set(levels: Partial<Record<LogRoom, LogLevel>>): void {
    for (const room of LOG_ROOMS) {
      const level = levels[room];
      if (level !== undefined) this.#loggers[room].level = level;
    }
  }
}
