/** The settings of MQTT: kept, checked, and shown without their secret. */
import type { SettingStore } from '../archive/settingStore.ts';
import type { AddressRules } from '../domain/addressPolicy.ts';
import { NvrError } from '../domain/errors.ts';
import { cameraId } from '../domain/ids.ts';
import { DEFAULT_MQTT, type MqttSettings } from '../domain/mqtt.ts';
import type { MqttPort } from '../http/eventPort.ts';
import { expectReachable } from './addressGuard.ts';
import type { MqttLink } from './mqttLink.ts';

const SETTINGS = 'mqtt';
const PASSWORD = 'mqtt-password';

export interface MqttPortDoors {
  readonly settings: SettingStore;
  readonly link: MqttLink;
  readonly rules: AddressRules;
  seal(secret: string): string;
  open(sealed: string): string;
}

/** What the settings are; connects as they say. */
export function startMqtt({ settings, link, open }: MqttPortDoors): void {
  const sealed = settings.get(PASSWORD);
  link.use({ ...stored(settings), password: sealed === null ? null : open(sealed) });
}

export function mqttPort(doors: MqttPortDoors): MqttPort {
  const { settings, link, rules, seal } = doors;
  const view = () => ({
    ...stored(settings),
    hasPassword: settings.get(PASSWORD) !== null,
    state: link.state,
    error: link.error,
  });
  return {
    get: view,
    async set({ password, ...input }) {
      const { cameras, ...rest } = { ...DEFAULT_MQTT, ...input };
      const next: MqttSettings = { ...rest, cameras: cameras?.map((id) => cameraId(id, 'cameras')) ?? null };
      if (next.enabled && next.url === null)
        throw new NvrError('invalid', 'The address of the broker is needed.', { field: 'url' });
      if (next.url !== null) await expectBroker(next.url, rules);
      settings.set(SETTINGS, JSON.stringify(next));
      if (password !== undefined) settings.set(PASSWORD, password === null ? null : seal(password));
      startMqtt(doors);
      return view();
    },
  };
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
