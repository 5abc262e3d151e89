/** What this machine can capture and encode, as the API speaks of it. */
import type { DevicesPort } from '../http/devices.ts';
import type { Captures } from '../media/captures.ts';
import { DeviceLister } from '../media/devices.ts';
import type { Encoders } from '../media/encoders.ts';

export function devicesPort(encoders: Encoders, captures: Captures): DevicesPort {
  const lister = new DeviceLister((device) => captures.offer(device));
  return {
    devices: () => lister.list(),
    encoders: async () => ({ encoders: await encoders.report() }),
  };
}
