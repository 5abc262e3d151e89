/** Devices that speak ONVIF (Core and PTZ service specifications): who they are, and moving them. */
import { Cam } from 'onvif';
import { messageOf, NvrError } from '../domain/errors.ts';
import { type DeviceAddress, type DeviceInfo, type Motion, STILL } from '../domain/ptz.ts';

const ANSWER_LIMIT_MS = 5_000;
/** A camera that hears nothing more stops by itself. */
const LONGEST_MOVE_MS = 10_000;

/** @throws NvrError `unavailable` with why: it does not answer, it wants other credentials, it is no such device. */
export async function deviceInfo(address: DeviceAddress): Promise<DeviceInfo> {
  const device = await connect(address);
  const said = await ask((done) => device.getDeviceInformation(done));
  const interfaces = await ask((done) => device.getNetworkInterfaces(done)).catch(() => null);
  return {
    manufacturer: textOf(said, 'manufacturer'),
    model: textOf(said, 'model'),
    firmware: textOf(said, 'firmwareVersion'),
    macAddress: macOf(interfaces),
  };
}

/**
 * Moves the device for so long, at most ten seconds, or stops it.
 * @throws as `deviceInfo`, also when it can't move
 */
export async function move(address: DeviceAddress, motion: Motion, forMs: number): Promise<void> {
  const device = await connect(address);
  const { pan, tilt, zoom } = motion;
  if (pan === STILL.pan && tilt === STILL.tilt && zoom === STILL.zoom) {
    await ask((done) => device.stop({ panTilt: true, zoom: true }, done));
    return;
  }
  const timeout = Math.min(Math.max(forMs, 1), LONGEST_MOVE_MS);
  await ask((done) => device.continuousMove({ x: pan, y: tilt, zoom, timeout }, done));
}

async function connect({ host, port, username, password }: DeviceAddress): Promise<Cam> {
  const options = { hostname: host, port, timeout: ANSWER_LIMIT_MS, autoconnect: false };
  const device = new Cam({
    ...options,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  });
  await ask((done) => device.connect(done));
  return device;
}

type Done = (failure: unknown, answer?: unknown) => void;

async function ask(request: (done: Done) => void): Promise<unknown> {
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(unavailable('it does not answer')), ANSWER_LIMIT_MS);
    request((failure, answer) => {
      clearTimeout(timer);
      if (failure === null || failure === undefined) resolve(answer);
      else reject(unavailable(messageOf(failure)));
    });
  });
}

function unavailable(why: string): NvrError {
  return new NvrError('unavailable', `The device can’t be asked over ONVIF: ${why}.`, { field: 'host' });
}

function textOf(answer: unknown, field: string): string {
  const value = isRecord(answer) ? answer[field] : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** The hardware address of the first interface that has one (Core §8.2.10). */
function macOf(interfaces: unknown): string {
  for (const each of [interfaces].flat()) {
    const info = isRecord(each) ? each['info'] : undefined;
    const address = textOf(info, 'hwAddress');
    if (address !== '') return address;
  }
  return '';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
