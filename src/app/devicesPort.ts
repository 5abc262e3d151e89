/** What this machine can capture and encode, as the API speaks of it. */
import type { DevicesPort } from '../http/devices.ts';
import { listDevices } from '../media/devices.ts';
import type { Encoders } from '../media/encoders.ts';

export function devicesPort(encoders: Encoders): DevicesPort {
  return {
    devices: listDevices,
    encoders: async () => ({ encoders: await encoders.report() }),
  };
}
