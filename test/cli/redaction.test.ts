/** Log lines without secrets, wherever in them these are. */
import pino from 'pino';
import { expect, it } from 'vitest';
import { redaction } from '../../src/cli/redaction.ts';

const MARKER = 'marker-pa55word';

function logged(...args: unknown[]): Record<string, unknown> {
  const lines: string[] = [];
  const logger = pino(
    { ...redaction, base: null, timestamp: false },
    { write: (line: string) => lines.push(line) },
  );
  Reflect.apply(logger.info, logger, args);
  expect(lines.join()).not.toContain(MARKER);
  return JSON.parse(lines.join());
}

it.each([
  [[`can’t open rtsp://admin:${MARKER}@192.0.2.1/a`], { msg: 'can’t open rtsp://***@192.0.2.1/a' }],
  [
    [{ url: `rtsp://u:${MARKER}@h/`, camera: 'a' }, 'said'],
    { url: 'rtsp://***@h/', camera: 'a', msg: 'said' },
  ],
  [[{ source: { password: MARKER, url: 'rtsp://h/' } }], { source: { password: '***', url: 'rtsp://h/' } }],
  [[{ cameras: [{ sub: { password: MARKER } }] }], { cameras: [{ sub: { password: '***' } }] }],
  [[{ authorization: `Bearer ${MARKER}`, cookie: MARKER }], { authorization: '***', cookie: '***' }],
  [
    [{ password: null, count: 3, at: '2026-01-01' }, 'kept'],
    { password: null, count: 3, at: '2026-01-01', msg: 'kept' },
  ],
  [[{ address: `http://h/?token=${MARKER}&a=1` }], { address: 'http://h/?token=***&a=1' }],
])('%j becomes %j', (args, line) => {
  expect(logged(...args)).toMatchObject(line);
});

it('cleans errors, their stacks and causes', () => {
  const cause = new Error(`401 from rtsp://u:${MARKER}@h/`);
  const { err } = logged({ err: new Error(`could not open rtsp://u:${MARKER}@h/`, { cause }) }, 'failed');
  expect(err).toMatchObject({ type: 'Error', message: expect.stringContaining('rtsp://***@h/') });
});
