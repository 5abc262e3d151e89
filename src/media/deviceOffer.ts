/** What a capture device offers, by opening it: for a process of its own, which a driver may hold up. */
import { messageOf } from '../domain/errors.ts';
import type { DeviceOffer } from './captureHost.ts';
import { failureOf } from './causes.ts';
import { Pipeline } from './pipeline.ts';

/** How long a device that refuses is given to say why. */
const REASON_MS = 100;

/** Opens the device without streaming from it. */
export async function offerOf(device: string): Promise<DeviceOffer> {
  let problem: string | null = null;
  try {
    const pipeline = new Pipeline('v4l2src name=device ! fakesink', (message) => {
      if (message.type === 'error') problem ??= failureOf(message, { kind: 'v4l2', device }).message;
    });
    try {
      pipeline.set('device', 'device', device);
      if (pipeline.ready()) return { caps: pipeline.offeredCaps('device', 'src'), problem: null };
      await new Promise((resolve) => setTimeout(resolve, REASON_MS));
      return { caps: '', problem };
    } finally {
      pipeline.close();
    }
  } catch (thrown) {
    return { caps: '', problem: messageOf(thrown) };
  }
}
