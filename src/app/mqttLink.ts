/** The connection to an MQTT broker: publishes how cameras are doing and what happens, and takes commands. */
import { randomBytes } from 'node:crypto';
import type { MqttClient } from 'mqtt';
import type { CameraWithStatus } from '../cameras/fleet.ts';
import { messageOf, NvrError } from '../domain/errors.ts';
import { type NvrEvent, passes } from '../domain/event.ts';
import { type CameraId, cameraId } from '../domain/ids.ts';
import {
  cameraMessages,
  commandOf,
  commandTopics,
  discoveryMessages,
  eventTopic,
  farewellMessages,
  type MqttMessage,
  type MqttSettings,
  statusTopic,
} from '../domain/mqtt.ts';

/** What is to be connected to. */
export interface MqttTarget extends MqttSettings {
  readonly password: string | null;
}

export interface MqttDoors {
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
  cameras(): readonly CameraWithStatus[];
  /** Starts or stops a recording as the API does. @throws NvrError */
  record(camera: CameraId, on: boolean): Promise<unknown>;
  /** How long to wait before connecting anew, in ms; 5 s when absent. */
  readonly reconnectMs?: number;
}

export type MqttState = 'off' | 'connecting' | 'online' | 'offline';

const RECONNECT_MS = 5_000;
const CONNECT_LIMIT_MS = 10_000;
/** A broker that takes nothing is sent nothing more. */
const MOST_UNCONFIRMED = 1_000;
const BYE_LIMIT_MS = 1_000;

export class MqttLink {
  readonly #doors: MqttDoors;
  #target: MqttTarget | null = null;
  #client: MqttClient | null = null;
  #state: MqttState = 'off';
  #error: string | null = null;
  #unconfirmed = 0;
  /** What was published last and is retained, by topic, on this connection. */
  readonly #known = new Map<string, string>();
  #cameras: readonly CameraId[] = [];

  constructor(doors: MqttDoors) {
    this.#doors = doors;
  }

  get state(): MqttState {
    return this.#state;
  }

  /** Why it is not online, for people; null when there is nothing to say. */
  get error(): string | null {
    return this.#error;
  }

  /** Connects as these settings say, in place of how it was connected; returns at once. */
  use(target: MqttTarget): void {
    void this.#disconnect();
    this.#target = target;
    this.#error = null;
    if (!target.enabled || target.url === null) {
      this.#state = 'off';
      return;
    }
    this.#state = 'connecting';
    void this.#connect(target, target.url);
  }

  /** Publishes an event, if it is wanted, and what it changed. */
  hear(event: NvrEvent): void {
    const target = this.#target;
    if (target === null || this.#state !== 'online') return;
    this.look();
    if (!passes(target, event)) return;
    const topic = eventTopic(target.prefix, event.cameraId);
    this.#publish({ topic, payload: JSON.stringify(event), retain: false });
  }

  /** Publishes what is new of the cameras; to be called now and then. */
  look(): void {
    const target = this.#target;
    if (target === null || this.#state !== 'online') return;
    const { prefix, discovery } = target;
    const cameras = this.#doors.cameras().filter(({ camera }) => target.cameras?.includes(camera.id) ?? true);
    for (const { camera, status } of cameras) {
      if (discovery) for (const message of discoveryMessages(prefix, camera)) this.#renew(message);
      for (const message of cameraMessages(prefix, camera, status)) this.#renew(message);
    }
    const ids = cameras.map(({ camera }) => camera.id);
    for (const id of this.#cameras.filter((known) => !ids.includes(known)))
      for (const message of farewellMessages(prefix, id)) this.#renew(message);
    this.#cameras = ids;
  }

  /** Says that it goes, and goes; within a moment. */
  async close(): Promise<void> {
    const gone = this.#disconnect();
    this.#target = null;
    this.#state = 'off';
    await gone;
  }

  async #connect(target: MqttTarget, url: string): Promise<void> {
    // Only recorders that use it read the library, which takes as long as all of the recording side.
    const { connect } = await import('mqtt');
    if (this.#target !== target) return;
    const { prefix, username, password, verify } = target;
    const client = connect(url, {
      clientId: `nightjar-${randomBytes(6).toString('hex')}`,
      ...(username === null ? {} : { username }),
      ...(password === null ? {} : { password }),
      rejectUnauthorized: verify,
      reconnectPeriod: this.#doors.reconnectMs ?? RECONNECT_MS,
      reconnectOnConnackError: true,
      connectTimeout: CONNECT_LIMIT_MS,
      queueQoSZero: false,
      will: { topic: statusTopic(prefix), payload: Buffer.from('offline'), qos: 1, retain: true },
    });
    client.on('connect', () => this.#online(client, prefix));
    client.on('close', () => this.#offline(client, null));
    client.on('error', (error) => this.#offline(client, messageOf(error)));
    client.on('message', (topic, payload) => void this.#command(prefix, topic, payload.toString()));
    this.#client = client;
  }

  #online(client: MqttClient, prefix: string): void {
    if (client !== this.#client) return;
    this.#state = 'online';
    this.#error = null;
    this.#unconfirmed = 0;
    // The broker may be another one, or have forgotten.
    this.#known.clear();
    this.#doors.log.info({ prefix }, 'mqtt is online');
    client.subscribe(commandTopics(prefix), { qos: 1 }, (error) => {
      if (error !== null) this.#doors.log.warn({ reason: messageOf(error) }, 'mqtt takes no commands');
    });
    this.#renew({ topic: statusTopic(prefix), payload: 'online', retain: true });
    this.look();
  }

  #offline(client: MqttClient, reason: string | null): void {
    if (client !== this.#client) return;
    const was = this.#state;
    this.#state = 'offline';
    if (reason !== null && reason !== '') this.#error = reason;
    this.#error ??= 'The broker ended the connection.';
    if (was !== 'offline') this.#doors.log.warn({ reason: this.#error }, 'mqtt is offline');
  }

  /** What is known already is not said again. */
  #renew(message: MqttMessage): void {
    const { topic, payload } = message;
    if (this.#known.get(topic) === payload) return;
    // Nothing has to be taken back that was never said; but who knows what was before this connection.
    if (this.#publish(message)) this.#known.set(topic, payload);
  }

  /** Gives whether it was handed over. */
  #publish({ topic, payload, retain }: MqttMessage): boolean {
    const client = this.#client;
    if (client === null || !client.connected || this.#unconfirmed >= MOST_UNCONFIRMED) return false;
    this.#unconfirmed += 1;
    client.publish(topic, payload, { qos: 1, retain }, () => {
      this.#unconfirmed = Math.max(0, this.#unconfirmed - 1);
    });
    return true;
  }

  async #command(prefix: string, topic: string, payload: string): Promise<void> {
    const command = commandOf(prefix, topic, payload);
    try {
      if (command === null) throw new NvrError('invalid', 'Only ON and OFF are understood.');
      await this.#doors.record(cameraId(command.camera), command.record);
      this.#doors.log.info({ camera: command.camera, record: command.record }, 'mqtt command');
    } catch (thrown) {
      this.#doors.log.warn({ topic, reason: messageOf(thrown) }, 'an mqtt command was refused');
      // A switch that moved by itself moves back.
      this.#known.clear();
    }
    this.look();
  }

  async #disconnect(): Promise<void> {
    const client = this.#client;
    const target = this.#target;
    this.#client = null;
    this.#cameras = [];
    if (client === null || target === null) return;
    if (client.connected) client.publish(statusTopic(target.prefix), 'offline', { qos: 1, retain: true });
    await Promise.race([
      client.endAsync(!client.connected),
      new Promise((resolve) => setTimeout(resolve, BYE_LIMIT_MS).unref()),
    ]).catch(() => undefined);
    client.end(true);
  }
}
