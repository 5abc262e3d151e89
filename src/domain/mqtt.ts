/** What is published to an MQTT broker: topics, payloads, and how cameras announce themselves to Home Assistant. Pure. */
import type { Camera } from './camera.ts';
import type { EventFilter } from './event.ts';
import type { CameraId } from './ids.ts';
import type { CameraStatus } from './status.ts';

export interface MqttSettings extends EventFilter {
  readonly enabled: boolean;
  /** `mqtt:` or `mqtts:`, without credentials; null while none was set. */
  readonly url: string | null;
  readonly username: string | null;
  /** Topics begin with it. */
  readonly prefix: string;
  /** Whether cameras announce themselves to Home Assistant. */
  readonly discovery: boolean;
  /** Whether the broker’s certificate has to be good. */
  readonly verify: boolean;
}

export const DEFAULT_MQTT: MqttSettings = {
  enabled: false,
  url: null,
  username: null,
  prefix: 'nightjar',
  discovery: true,
  verify: true,
  kinds: null,
  cameras: null,
};

/** Something to publish; what is retained is what a new subscriber hears first. */
export interface MqttMessage {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

/** Whether the recorder is connected: `online`, or `offline` by its last will. */
export const statusTopic = (prefix: string): string => `${prefix}/status`;
/** Of an event; of no camera, without one. */
export const eventTopic = (prefix: string, id: CameraId | undefined): string =>
  id === undefined ? `${prefix}/events` : `${prefix}/${id}/events`;
/** All commands there are. */
export const commandTopics = (prefix: string): string => `${prefix}/+/recording/set`;

/** The camera and the wish of a command; null when it is none. */
export function commandOf(
  prefix: string,
  topic: string,
  payload: string,
): { readonly camera: string; readonly record: boolean } | null {
  if (!topic.startsWith(`${prefix}/`)) return null;
  const [camera = '', ...rest] = topic.slice(prefix.length + 1).split('/');
  const wish = payload.trim().toUpperCase();
  if (rest.join('/') !== 'recording/set' || (wish !== 'ON' && wish !== 'OFF')) return null;
  return { camera, record: wish === 'ON' };
}

/** How a camera is doing. */
export function cameraMessages(
  prefix: string,
  { id }: Pick<Camera, 'id'>,
  status: CameraStatus,
): MqttMessage[] {
  return [
    { topic: `${prefix}/${id}/state`, payload: status.source.state, retain: true },
    {
      topic: `${prefix}/${id}/recording`,
      payload: status.recording.state === 'recording' ? 'ON' : 'OFF',
      retain: true,
    },
  ];
}

/**
 * How a camera announces itself (https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery): whether its media
 * arrives, and a switch for its recording where that can be started and stopped.
 */
export function discoveryMessages(
  prefix: string,
  { id, name, mode }: Pick<Camera, 'id' | 'name' | 'mode'>,
): MqttMessage[] {
  const node = nodeOf(prefix, id);
  const common = {
    availability_topic: statusTopic(prefix),
    device: { identifiers: [node], name, manufacturer: 'Nightjar' },
  };
  const media = {
    ...common,
    name: 'Media',
    unique_id: `${node}_media`,
    device_class: 'connectivity',
    state_topic: `${prefix}/${id}/state`,
    value_template: "{{ 'ON' if value == 'live' else 'OFF' }}",
  };
  const recording = {
    ...common,
    name: 'Recording',
    unique_id: `${node}_recording`,
    icon: 'mdi:record-rec',
    state_topic: `${prefix}/${id}/recording`,
  };
  const isSwitch = mode === 'manual';
  const [sensorTopic, recordingTopic, switchTopic] = discoveryTopics(prefix, id);
  return [
    { topic: sensorTopic, payload: JSON.stringify(media), retain: true },
    { topic: recordingTopic, payload: isSwitch ? '' : JSON.stringify(recording), retain: true },
    {
      topic: switchTopic,
      payload: isSwitch
        ? JSON.stringify({ ...recording, command_topic: `${prefix}/${id}/recording/set` })
        : '',
      retain: true,
    },
  ];
}

/** Takes back what a camera that is gone has left with the broker. */
export function farewellMessages(prefix: string, id: CameraId): MqttMessage[] {
  const topics = [...discoveryTopics(prefix, id), `${prefix}/${id}/state`, `${prefix}/${id}/recording`];
  return topics.map((topic) => ({ topic, payload: '', retain: true }));
}

function discoveryTopics(prefix: string, id: CameraId): readonly [string, string, string] {
  const node = nodeOf(prefix, id);
  return [
    `homeassistant/binary_sensor/${node}/media/config`,
    `homeassistant/binary_sensor/${node}/recording/config`,
    `homeassistant/switch/${node}/recording/config`,
  ];
}

function nodeOf(prefix: string, id: CameraId): string {
  return `${prefix.replaceAll('/', '_')}_${id}`;
}
