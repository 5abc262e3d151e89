/** The settings of MQTT: kept, checked, and shown without their secret. */
import type { SettingStore } from '../archive/settingStore.ts';
import type { AddressRules } from '../domain/addressPolicy.ts';
import { NvrError } from '../domain/errors.ts';
import { cameraId } from '../domain/ids.ts';
import { DEFAULT_MQTT, type MqttSettings } from '../domain/mqtt.ts';
import type { MqttPort } from '../http/eventPort.ts';
import type { MqttInput } from '../http/wire/mqtt.ts';
import { expectReachable } from './addressGuard.ts';
import type { MqttLink } from './mqttLink.ts';
import { differing } from './settingsChange.ts';

const SETTINGS = 'mqtt';
const PASSWORD = 'mqtt-password';
const FIELDS = [
  ...(['enabled', 'url', 'username', 'prefix', 'discovery', 'verify', 'kinds', 'cameras'] as const),
];

export interface MqttPortDoors {
  readonly settings: SettingStore;
  readonly link: Pick<MqttLink, 'use' | 'state' | 'error'>;
  readonly rules: AddressRules;
  seal(secret: string): string;
  open(sealed: string): string;
}

/** What the settings are; connects as they say. */
export function startMqtt({ settings, link, open }: MqttPortDoors): void {
  const sealed = settings.get(PASSWORD);
  link.use({ ...stored(settings), password: sealed === null ? null : open(sealed) });
}

/** Also as a part of something greater. */
export interface MqttDoor extends MqttPort {
  stored(): MqttSettings;
  /**
   * Checks settings. Gives which fields change, and what stores them, which waits for nothing; `settle` has to follow.
   * The password stays with the address and the user it was given for.
   * @throws NvrError as `set`
   */
  prepare(input: Omit<MqttInput, 'password'>): Promise<{ readonly fields: readonly string[]; store(): void }>;
  settle(): void;
}

export function mqttPort(doors: MqttPortDoors): MqttDoor {
  const { settings, link, rules, seal } = doors;
  const view = () => ({
    ...stored(settings),
    hasPassword: settings.get(PASSWORD) !== null,
    state: link.state,
    error: link.error,
  });
  return {
    get: view,
    ...mqttSettings(settings, rules),
    settle: () => startMqtt(doors),
    async set({ password, ...input }) {
      const next = await checked(input, rules);
      settings.set(SETTINGS, JSON.stringify(next));
      if (password !== undefined) settings.set(PASSWORD, password === null ? null : seal(password));
      startMqtt(doors);
      return view();
    },
  };
}

/** The part that knows of no connection. */
export function mqttSettings(
  settings: SettingStore,
  rules: AddressRules,
): Pick<MqttDoor, 'stored' | 'prepare'> {
  return {
    stored: () => stored(settings),
    async prepare(input) {
      const next = await checked(input, rules);
      const before = stored(settings);
      return {
        fields: differing(before, next, FIELDS),
        store() {
          settings.set(SETTINGS, JSON.stringify(next));
          if (before.url !== next.url || before.username !== next.username) settings.set(PASSWORD, null);
        },
      };
    },
  };
}

/** @throws NvrError `invalid` or `forbidden` with the field */
async function checked(input: Omit<MqttInput, 'password'>, rules: AddressRules): Promise<MqttSettings> {
  const { cameras, ...rest } = { ...DEFAULT_MQTT, ...input };
  const next: MqttSettings = { ...rest, cameras: cameras?.map((id) => cameraId(id, 'cameras')) ?? null };
  if (next.enabled && next.url === null)
    throw new NvrError('invalid', 'The address of the broker is needed.', { field: 'url' });
  if (next.url !== null) await expectBroker(next.url, rules);
  return next;
}

function stored(settings: SettingStore): MqttSettings {
  const json = settings.get(SETTINGS);
  return json === null ? DEFAULT_MQTT : { ...DEFAULT_MQTT, ...JSON.parse(json) };
}

/** @throws NvrError `invalid` or `forbidden` with the field */
async function expectBroker(url: string, rules: AddressRules): Promise<void> {
  if (!URL.canParse(url)) throw new NvrError('invalid', 'This is no address.', { field: 'url' });
  await expectReachable(new URL(url).hostname.replace(/^\[|\]$/g, ''), 'camera', rules, 'url');
}
