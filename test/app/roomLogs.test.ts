/** Levels of logging, changed while the recorder runs. */
import pino from 'pino';
import { expect, test } from 'vitest';
import { RoomLogs } from '../../src/app/roomLogs.ts';

test('a room logs more, another less, and each says which it is', () => {
  const lines: { room: string; msg: string }[] = [];
  const logs = new RoomLogs(
    pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) }),
  );
  const say = () => {
    for (const room of ['archive', 'cameras'] as const) {
      logs.of(room).debug('detail');
      logs.of(room).info('news');
    }
    return lines.splice(0).map(({ room, msg }) => `${room}: ${msg}`);
  };
  expect(say()).toEqual(['archive: news', 'cameras: news']);
  logs.set({ archive: 'debug', cameras: 'error' });
  expect(say()).toEqual(['archive: detail', 'archive: news']);
  expect(logs.levels()).toEqual({
    ...{ archive: 'debug', cameras: 'error', events: 'info', finding: 'info', http: 'info' },
  });
});
