/**
 * The capture devices of this machine: the kernel's own lists say which there are, GStreamer's elements say what they
 * offer. A device that may not be used, or does not answer, is listed with what is wrong.
 */
import { access, constants, readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { AudioDevice, Devices, VideoDevice } from '../domain/devices.ts';
import type { DeviceOffer } from './captureHost.ts';
import { alsaCaptures, deviceModes } from './deviceModes.ts';

const VIDEO_CLASS = '/sys/class/video4linux';
/** Made by udev: what a device says of itself, and where it is plugged in. */
const LASTING_NAMES = ['/dev/v4l/by-id', '/dev/v4l/by-path'];
const PCM_LIST = '/proc/asound/pcm';

/** Asks a device what it offers; null when it does not answer. */
type Offer = (device: string) => Promise<DeviceOffer | null>;

export class DeviceLister {
  readonly #offer: Offer;
  /** Who asks meanwhile gets the same answer. */
  #listing: Promise<Devices> | null = null;

  constructor(offer: Offer) {
    this.#offer = offer;
  }

  async list(): Promise<Devices> {
    this.#listing ??= this.#look().finally(() => {
      this.#listing = null;
    });
    return await this.#listing;
  }

  /** One device after the other: opening one that hangs must not hang all. */
  async #look(): Promise<Devices> {
    const lasting = await lastingNames();
    const video: VideoDevice[] = [];
    for (const node of await videoNodes()) {
      const found = await this.#videoDevice(node, lasting.get(`/dev/${node}`));
      if (found !== null) video.push(found);
    }
    return { video, audio: await audioDevices() };
  }

  /** Null for a node that gives no pictures, such as that of a camera's metadata. */
  async #videoDevice(name: string, lasting: string | undefined): Promise<VideoDevice | null> {
    const node = `/dev/${name}`;
    const says = (await readFile(`${VIDEO_CLASS}/${name}/name`, 'utf8').catch(() => name)).trim();
    const known = { device: lasting ?? node, node, name: says };
    const denied = await refused(node, 'video');
    if (denied !== null) return { ...known, modes: [], problem: denied };
    const { caps, problem } = (await this.#offer(node)) ?? { caps: '', problem: `${node} does not answer.` };
    const modes = deviceModes(caps);
    if (problem === null && modes.length === 0) return null;
    return { ...known, modes, problem };
  }
}

async function videoNodes(): Promise<string[]> {
  const names = await readdir(VIDEO_CLASS).catch(() => []);
  return names
    .filter((name) => /^video\d+$/.test(name))
    .sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)));
}

/** By what they lead to, the best of each. */
async function lastingNames(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const folder of LASTING_NAMES) {
    for (const name of (await readdir(folder).catch(() => [])).sort()) {
      const link = join(folder, name);
      const node = await realpath(link).catch(() => null);
      if (node !== null && !found.has(node)) found.set(node, link);
    }
  }
  return found;
}

async function audioDevices(): Promise<AudioDevice[]> {
  const captures = alsaCaptures(await readFile(PCM_LIST, 'utf8').catch(() => ''));
  return await Promise.all(
    captures.map(async ({ card, device, name }) => {
      const id = await readFile(`/proc/asound/card${card}/id`, 'utf8').catch(() => String(card));
      return {
        device: `hw:CARD=${id.trim()},DEV=${device}`,
        node: `hw:${card},${device}`,
        name,
        problem: await refused(`/dev/snd/pcmC${card}D${device}c`, 'audio'),
      };
    }),
  );
}

async function refused(path: string, group: string): Promise<string | null> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return null;
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : '';
    return code === 'EACCES' ? `${path}: add the user to group ${group}.` : `${path} is not there.`;
  }
}
