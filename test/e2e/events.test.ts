/** The real recorder with its test camera: it tells of itself over restarts, counts what comes, raises no alarm. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AUTHORIZATION, eventually, type Recorder, startRecorder } from '../support/recorder.ts';

interface Told {
  readonly kind: string;
  readonly text: string;
}

describe('a recorder that begins', () => {
  let recorder: Recorder;
  beforeAll(async () => {
    recorder = await startRecorder();
    const made = await recorder.ask('POST', '/cameras', { name: 'Test', source: { kind: 'test' } });
    expect(made.status).toBe(201);
  });
  afterAll(async () => {
    await recorder.discard();
  });

  async function told(): Promise<readonly Told[]> {
    const { body } = await recorder.ask('GET', '/events?limit=1000');
    return (body as { readonly events: readonly Told[] }).events;
  }

  test('tells that it was started, and that its camera is online and recorded', async () => {
    await eventually('events of the camera', async () => {
      const kinds = (await told()).map(({ kind }) => kind);
      return kinds.includes('camera-online') && kinds.includes('recording-started');
    });
    expect((await told()).map(({ text }) => text)).toContain('The recorder was started.');
  });

  test('counts what the camera delivers', async () => {
    await eventually('a bitrate', async () => {
      const answer = await fetch(`${recorder.address}/metrics`, {
        headers: { authorization: AUTHORIZATION },
      });
      return /^nightjar_camera_bitrate_bits_per_second\{.*\} \d{5}/m.test(await answer.text());
    });
  });

  test('has no alarm of a camera that is recorded, and logs what it is told to', async () => {
    const { body } = await recorder.ask('GET', '/alarms');
    expect(JSON.stringify(body)).not.toContain('not-durable');
    const { status, body: levels } = await recorder.ask('PATCH', '/logs', { http: 'debug' });
    expect([status, levels]).toEqual([200, expect.objectContaining({ http: 'debug', archive: 'info' })]);
  });

  test('keeps what happened over a restart, and how it ended', async () => {
    expect((await recorder.stop()).code).toBe(0);
    await recorder.start();
    const texts = (await told()).map(({ text }) => text);
    expect(texts.filter((text) => text === 'The recorder was started.')).toHaveLength(2);
    expect(texts).toContain('The recorder was stopped.');
    expect(texts).toContain('The recording ended because the recorder was shut down.');
  });
});
