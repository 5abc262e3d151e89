/** The process that asks one ONVIF device one question, and ends; see `onvif.ts`. */
import '../inherited.ts';
import { Cam } from 'onvif';
import { messageOf } from '../domain/errors.ts';
import { type DeviceAddress, type DeviceInfo, type Motion, STILL } from '../domain/ptz.ts';
import { isRecord } from '../domain/record.ts';
import type { OnvifAnswer, OnvifQuestion } from './onvif.ts';

type Done = (failure: unknown, answer?: unknown) => void;

const REQUEST_LIMIT_MS = 5_000;
/** A camera that hears nothing more stops by itself. */
const LONGEST_MOVE_MS = 10_000;

process.once('message', async (question: OnvifQuestion) => {
  process.send?.(await answerTo(question), () => process.exit());
});

async function answerTo(question: OnvifQuestion): Promise<OnvifAnswer> {
  try {
    const device = await meet(question.address);
    if (question.type === 'info') return { type: 'info', info: await infoOf(device) };
    await move(device, question.motion, question.forMs);
    return { type: 'moved' };
  } catch (thrown) {
    return { type: 'failed', why: messageOf(thrown) };
  }
}

/** Learns its clock, which logging in depends on, and the addresses of its services. */
async function meet({ host, port, username, password }: DeviceAddress): Promise<Cam> {
  const device = new Cam({
    ...{ hostname: host, port, timeout: REQUEST_LIMIT_MS, autoconnect: false },
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    // A device names the addresses of its services; they could be anybody's.
    preserveAddress: true,
  });
  await ask((done) => device.getSystemDateAndTime(done));
  // Older devices know only the second of the two.
  await ask((done) => device.getServices(true, done)).catch(() =>
    ask((done) => device.getCapabilities(done)),
  );
  return device;
}

async function infoOf(device: Cam): Promise<DeviceInfo> {
  const said = await ask((done) => device.getDeviceInformation(done));
  const interfaces = await ask((done) => device.getNetworkInterfaces(done)).catch(() => null);
  return {
    manufacturer: textOf(said, 'manufacturer'),
    model: textOf(said, 'model'),
    firmware: textOf(said, 'firmwareVersion'),
    macAddress: macOf(interfaces),
  };
}

async function move(device: Cam, motion: Motion, forMs: number): Promise<void> {
  const profileToken = tokenOf(await ask((done) => device.getProfiles(done)));
  if (profileToken === undefined) throw new Error('it has no profile to move');
  const { pan, tilt, zoom } = motion;
  if (pan === STILL.pan && tilt === STILL.tilt && zoom === STILL.zoom) {
    await ask((done) => device.stop({ profileToken, panTilt: true, zoom: true }, done));
    return;
  }
  const timeout = Math.min(Math.max(forMs, 1), LONGEST_MOVE_MS);
  await ask((done) => device.continuousMove({ profileToken, x: pan, y: tilt, zoom, timeout }, done));
}

async function ask(request: (done: Done) => void): Promise<unknown> {
  return await new Promise((resolve, reject) => {
    request((failure, answer) => {
      if (failure === null || failure === undefined || failure === false) resolve(answer);
      else reject(failure);
    });
  });
}

/** Of the first profile that there is. */
function tokenOf(profiles: unknown): string | undefined {
  const [first] = [profiles].flat();
  const { $: attributes } = isRecord(first) ? first : {};
  const token = textOf(attributes, 'token');
  return token === '' ? undefined : token;
}

/** The hardware address of the first interface that has one (Core §8.2.10). */
function macOf(interfaces: unknown): string {
  for (const each of [interfaces].flat()) {
    const { info } = isRecord(each) ? each : {};
    const address = textOf(info, 'hwAddress');
    if (address !== '') return address;
  }
  return '';
}

function textOf(answer: unknown, field: string): string {
  const value = isRecord(answer) ? answer[field] : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
