/** MQTT with a real broker: states, events, commands, last will, Home Assistant, passwords, TLS, restarts. */

import { generate } from 'selfsigned';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { MqttLink, type MqttTarget } from '../../src/app/mqttLink.ts';
import { mqttPort, startMqtt } from '../../src/app/mqttPort.ts';
import { Database } from '../../src/archive/database.ts';
import { migrate } from '../../src/archive/migrations.ts';
import { SettingStore } from '../../src/archive/settingStore.ts';
import type { CameraWithStatus } from '../../src/cameras/fleet.ts';
import { NvrError } from '../../src/domain/errors.ts';
import type { EventId, NvrEvent } from '../../src/domain/event.ts';
import { type CameraId, cameraId } from '../../src/domain/ids.ts';
import { commandOf, DEFAULT_MQTT } from '../../src/domain/mqtt.ts';
import { epochMs } from '../../src/domain/time.ts';
import { type Broker, freePort, listenTo, startBroker, startCable } from '../support/mosquitto.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const NOW = epochMs(1_790_000_000_000);
/** Of `mosquitto_passwd`, for the password `secret`. */
const PASSWORD_FILE =
  'nightjar:$7$101$I7M1Q3ERTe//Sz1c$kdeOp/jxg4lIUTmW4QfmunVVeq0sXWufE3JPYArIXWOTBdZKcjPDrUj/0VwJv+f/55aENTyvd2Fp9oZGDGJxkw==\n';
const LIMIT = { timeout: 10_000, interval: 20 };

function camera(id: string, mode: 'manual' | 'continuous' = 'manual', recording = false): CameraWithStatus {
  const source = { kind: 'test', width: 640, height: 360, fps: 25 } as const;
  return {
    camera: {
      ...{ id: cameraId(id), name: `Camera ${id}`, enabled: true, source, audio: true, mode },
      ...{ revision: 1, createdMs: NOW, updatedMs: NOW },
    },
    status: {
      source: { state: 'live', sinceMs: NOW, attempt: 0, cause: null, message: null, retryMs: null },
      recording: {
        state: recording ? 'recording' : 'idle',
        ...{ wanted: recording, reason: null, cause: null, sinceMs: NOW },
      },
      ...{
        format: null,
        codecs: null,
        runId: null,
        lastFragmentMs: null,
        lastDurableMs: null,
        driftPpm: null,
        silent: null,
      },
    },
  };
}

function event(kind: NvrEvent['kind'], id?: string): NvrEvent {
  const of = id === undefined ? {} : { cameraId: cameraId(id) };
  return { id: 7 as EventId, atMs: NOW, kind, text: 'It happened.', data: {}, ...of };
}

function newLink() {
  const world = {
    cameras: [camera('front'), camera('yard', 'continuous', true)],
    commands: [] as [CameraId, boolean][],
    warnings: [] as string[],
  };
  const link = new MqttLink({
    log: { info: () => undefined, warn: (_, message) => world.warnings.push(message) },
    cameras: () => world.cameras,
    reconnectMs: 100,
    async record(id, on) {
      if (id === 'yard') throw new NvrError('conflict', 'It records round the clock.');
      world.commands.push([id, on]);
      world.cameras = [camera('front', 'manual', on), camera('yard', 'continuous', true)];
    },
  });
  open.push(() => link.close());
  return { link, world };
}

async function broker(options: Parameters<typeof startBroker>[0] = {}): Promise<Broker> {
  const started = await startBroker(options);
  open.push(() => started.stop());
  return started;
}

async function listener(port: number, options: Parameters<typeof listenTo>[1] = {}) {
  const heard = await listenTo(port, options);
  open.push(() => heard.close());
  return heard;
}

function target(port: number, more: Partial<MqttTarget> = {}): MqttTarget {
  return { ...DEFAULT_MQTT, enabled: true, url: `mqtt://127.0.0.1:${port}`, password: null, ...more };
}

describe('a broker', () => {
  test('hears how cameras are, at once and later, and that the recorder is there', async () => {
    const { port } = await broker();
    const { link, world } = newLink();
    link.use(target(port));
    await vi.waitUntil(() => link.state === 'online', LIMIT);
    const first = await listener(port);
    await vi.waitUntil(() => first.last('nightjar/yard/recording') === 'ON', LIMIT);
    expect(first.last('nightjar/front/state')).toBe('live');
    expect(first.last('nightjar/front/recording')).toBe('OFF');
    expect(first.last('nightjar/status')).toBe('online');
    expect(
      first.heard.every(({ retained }) => retained),
      'for those who come later',
    ).toBe(true);
    world.cameras = [camera('front', 'manual', true)];
    link.look();
    await vi.waitUntil(() => first.last('nightjar/front/recording') === 'ON', LIMIT);
    await vi.waitUntil(() => first.last('nightjar/yard/state') === '', LIMIT);
    await link.close();
    await vi.waitUntil(() => first.last('nightjar/status') === 'offline', LIMIT);
    expect(link.state).toBe('off');
  });

  test('hears of events of the kinds and cameras that are wanted', async () => {
    const { port } = await broker();
    const all = await listener(port);
    const { link } = newLink();
    link.use(target(port, { kinds: ['gap-begun', 'system'], prefix: 'home/nvr' }));
    await vi.waitUntil(() => link.state === 'online', LIMIT);
    link.hear(event('mark', 'front'));
    link.hear(event('gap-begun', 'front'));
    link.hear(event('system'));
    await vi.waitUntil(() => all.last('home/nvr/events') !== null, LIMIT);
    expect(JSON.parse(all.last('home/nvr/front/events') ?? '')).toEqual(event('gap-begun', 'front'));
    expect(all.heard.filter(({ topic }) => topic.endsWith('/events'))).toHaveLength(2);
  });

  test('hears of the cameras that are wanted, and of no other', async () => {
    const { port } = await broker();
    const all = await listener(port);
    const { link } = newLink();
    link.use(target(port, { cameras: [cameraId('yard')] }));
    await vi.waitUntil(() => all.last('nightjar/yard/state') === 'live', LIMIT);
    link.hear(event('mark', 'front'));
    link.hear(event('mark', 'yard'));
    await vi.waitUntil(() => all.last('nightjar/yard/events') !== null, LIMIT);
    expect(all.heard.filter(({ topic }) => topic.includes('front'))).toEqual([]);
  });

  test('is told by the last will that the recorder is gone without a word', async () => {
    const { port } = await broker();
    const all = await listener(port);
    const { link } = newLink();
    const cable = await startCable(port);
    open.push(() => cable.cut());
    link.use(target(cable.port));
    await vi.waitUntil(() => all.last('nightjar/status') === 'online', LIMIT);
    cable.cut();
    await vi.waitUntil(() => all.last('nightjar/status') === 'offline', LIMIT);
    expect(link.state).toBe('offline');
  });

  test('that goes and comes back hears everything again', async () => {
    const port = await freePort();
    const first = await broker({ port });
    const { link, world } = newLink();
    link.use(target(port));
    await vi.waitUntil(() => link.state === 'online', LIMIT);
    await first.stop();
    await vi.waitUntil(() => link.state === 'offline', LIMIT);
    expect(link.error).not.toBeNull();
    link.hear(event('mark', 'front'));
    expect(world.warnings).toContain('mqtt is offline');
    await broker({ port });
    await vi.waitUntil(() => link.state === 'online', LIMIT);
    const all = await listener(port);
    await vi.waitUntil(() => all.last('nightjar/front/state') === 'live', LIMIT);
    expect(link.error).toBeNull();
  });
});

describe('a command', () => {
  test('records and stops as the API does; one that is refused changes nothing', async () => {
    const { port } = await broker();
    const all = await listener(port);
    const { link, world } = newLink();
    link.use(target(port));
    await vi.waitUntil(() => all.last('nightjar/front/recording') === 'OFF', LIMIT);
    await all.publish('nightjar/front/recording/set', 'ON');
    await vi.waitUntil(() => all.last('nightjar/front/recording') === 'ON', LIMIT);
    await all.publish('nightjar/front/recording/set', 'off');
    await vi.waitUntil(() => all.last('nightjar/front/recording') === 'OFF', LIMIT);
    for (const [topic, text] of [
      ['nightjar/yard/recording/set', 'OFF'],
      ['nightjar/front/recording/set', 'perhaps'],
      ['nightjar/..Nobody/recording/set', 'ON'],
    ] as const)
      await all.publish(topic, text);
    await vi.waitUntil(() => world.warnings.filter((line) => line.includes('refused')).length === 3, LIMIT);
    expect(world.commands).toEqual([
      ['front', true],
      ['front', false],
    ]);
    expect(all.last('nightjar/yard/recording')).toBe('ON');
  });

  test.each([
    ['nightjar/front/recording/set', 'ON', { camera: 'front', record: true }],
    ['nightjar/front/recording/set', ' off\n', { camera: 'front', record: false }],
    ['nightjar/front/recording/set', 'on please', null],
    ['nightjar/front/set', 'ON', null],
    ['other/front/recording/set', 'ON', null],
  ])('%s %j', (topic, payload, expected) => {
    expect(commandOf('nightjar', topic, payload)).toEqual(expected);
  });
});

describe('Home Assistant', () => {
  test('finds a switch where recording is by hand, and a state where it is not', async () => {
    const { port } = await broker();
    const all = await listener(port);
    const { link, world } = newLink();
    link.use(target(port));
    const of = (topic: string) => JSON.parse(all.last(`homeassistant/${topic}/config`) || 'null');
    await vi.waitUntil(() => of('binary_sensor/nightjar_yard/recording') !== null, LIMIT);
    await vi.waitUntil(() => of('switch/nightjar_front/recording') !== null, LIMIT);
    expect(of('switch/nightjar_front/recording')).toMatchObject({
      command_topic: 'nightjar/front/recording/set',
      state_topic: 'nightjar/front/recording',
      availability_topic: 'nightjar/status',
      device: { identifiers: ['nightjar_front'], name: 'Camera front' },
    });
    expect(of('binary_sensor/nightjar_front/media')).toMatchObject({ state_topic: 'nightjar/front/state' });
    expect(of('switch/nightjar_yard/recording')).toBeNull();
    world.cameras = [];
    link.look();
    await vi.waitUntil(() => of('switch/nightjar_front/recording') === null, LIMIT);
  });

  test('hears nothing when it is not wanted', async () => {
    const { port } = await broker();
    const all = await listener(port);
    const { link } = newLink();
    link.use(target(port, { discovery: false }));
    await vi.waitUntil(() => all.last('nightjar/yard/recording') !== null, LIMIT);
    expect(all.heard.filter(({ topic }) => topic.startsWith('homeassistant'))).toEqual([]);
  });
});

describe('who may connect', () => {
  test('is known by user and password; a wrong one is said', async () => {
    const { port } = await broker({
      lines: ['allow_anonymous false', 'password_file %/users'],
      files: { users: PASSWORD_FILE },
    });
    const { link } = newLink();
    link.use(target(port, { username: 'nightjar', password: 'wrong' }));
    await vi.waitUntil(() => link.state === 'offline' && link.error !== null, LIMIT);
    expect(link.error).toMatch(/not authori[sz]ed/i);
    link.use(target(port, { username: 'nightjar', password: 'secret' }));
    await vi.waitUntil(() => link.state === 'online', LIMIT);
  });

  test('sees a certificate that is good, or is told to take any', async () => {
    const made = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 });
    const { port } = await broker({
      lines: ['allow_anonymous true', 'certfile %/cert.pem', 'keyfile %/key.pem'],
      files: { 'cert.pem': made.cert, 'key.pem': made.private },
    });
    const { link } = newLink();
    const url = `mqtts://127.0.0.1:${port}`;
    link.use(target(port, { url }));
    await vi.waitUntil(() => link.state === 'offline' && /certificate/i.test(link.error ?? ''), LIMIT);
    link.use(target(port, { url, verify: false }));
    await vi.waitUntil(() => link.state === 'online', LIMIT);
  });
});

describe('the settings', () => {
  function settled() {
    const database = Database.open(':memory:');
    migrate(database);
    const settings = new SettingStore(database);
    const { link } = newLink();
    const doors = {
      ...{ settings, link, rules: { webhooksToLoopback: false } },
      seal: (secret: string) => Buffer.from(secret).toString('hex'),
      open: (sealed: string) => Buffer.from(sealed, 'hex').toString(),
    };
    return { settings, link, doors, port: mqttPort(doors) };
  }

  test('are kept over restarts, and the password is neither shown nor stored as it is', async () => {
    const { port } = await broker();
    const { settings, link, doors, port: api } = settled();
    expect(await api.get()).toMatchObject({ enabled: false, url: null, hasPassword: false, state: 'off' });
    const url = `mqtt://127.0.0.1:${port}`;
    const shown = await api.set({ enabled: true, url, username: 'me', password: 'marker-pa55word' });
    expect(JSON.stringify([shown, settings.get('mqtt'), settings.get('mqtt-password')])).not.toContain(
      'marker',
    );
    await vi.waitUntil(() => link.state === 'online', LIMIT);
    await link.close();
    startMqtt(doors);
    await vi.waitUntil(() => link.state === 'online', LIMIT);
    expect(await api.set({ enabled: false, url, username: 'me' })).toMatchObject({
      ...{ enabled: false, hasPassword: true, state: 'off' },
    });
    expect(await api.set({ enabled: false, password: null })).toMatchObject({
      hasPassword: false,
      url: null,
    });
  });

  test.each([
    ['no address', { enabled: true }, 'invalid'],
    ['the metadata of a cloud', { enabled: true, url: 'mqtt://169.254.169.254' }, 'forbidden'],
  ])('with %s are refused', async (_, input, kind) => {
    await expect(settled().port.set(input)).rejects.toThrow(expect.objectContaining({ kind, field: 'url' }));
  });
});
