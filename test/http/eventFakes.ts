/** Fake ports of what happens. */
import type { EventId, NvrEvent } from '../../src/domain/event.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import type { EventPorts } from '../../src/http/eventPort.ts';
import type { AlarmView } from '../../src/http/wire/alarm.ts';

/** Makes a method that notes its call and gives an answer. */
export type Noted = <Args extends unknown[], Answer>(
  name: string,
  answer: Answer,
) => (...args: Args) => Promise<Answer>;

export const MARK: NvrEvent = {
  id: 9 as EventId,
  atMs: epochMs(1_774_738_800_000),
  kind: 'mark',
  cameraId: cameraId('front-door'),
  text: 'A parcel was left.',
  data: { by: 'operator' },
};

export const ALARM: AlarmView = {
  id: 'not-durable.front-door',
  kind: 'not-durable',
  subject: 'front-door',
  cameraId: 'front-door',
  text: 'Nothing of Front door has reached the disk for 40 s.',
  sinceMs: epochMs(1_774_738_800_000),
  acknowledged: null,
};

export function fakeEventPorts(noted: Noted): EventPorts {
  return {
    events: {
      find: noted('findEvents', { items: [MARK], more: true }),
      // Asked before each change of it, so not noted.
      get: () => MARK,
      mark: noted('mark', [MARK]),
      change: noted('changeMark', MARK),
      remove: noted('removeMark', undefined),
      since: () => [MARK],
      lastId: MARK.id,
      subscribe: () => () => undefined,
      publish: () => undefined,
    },
    alarms: { list: () => [ALARM], acknowledge: noted('acknowledge', ALARM) },
  };
}
