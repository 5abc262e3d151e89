/**
 * The capture devices of this machine: the kernel's own lists say which there are, GStreamer's elements say what they
 * offer. A device that may not be used, or does not answer, is listed with what is wrong.
 */
import { access, constants, readdir, readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { AudioDevice, Devices, VideoDevice } from '../domain/devices.ts';
import type { DeviceOffer } from './captureHost.ts';
import { alsaCaptures, deviceModes } from './deviceModes.ts';

const VIDEO_CLASS = 'sys/class/video4linux';
/** Made by udev: what a device says of itself, and where it is plugged in. */
const LASTING_NAMES = ['dev/v4l/by-id', 'dev/v4l/by-path'];
const SOUND = 'proc/asound';

/** Asks a device what it offers; null when it does not answer. */
type Offer = (device: string) => Promise<DeviceOffer | null>;

export class DeviceLister {
  readonly #offer: Offer;
  readonly #root: string;
  /** Who asks meanwhile gets the same answer. */
  #listing: Promise<Devices> | null = null;

  /** @param root where the file system of the machine begins */
  constructor(offer: Offer, root = '/') {
    this.#offer = offer;
    this.#root = root;
  }

  async list(): Promise<Devices> {
    this.#listing ??= this.#look().finally(() => {
      this.#listing = null;
    });
    return await this.#listing;
  }

  /** One device after the other: opening one that hangs must not hang all. */
  async #look(): Promise<Devices> {
    const lasting = await lastingNames(this.#root);
    const video: VideoDevice[] = [];
    for (const name of await videoNodes(this.#root)) {
      const found = await this.#videoDevice(name, lasting.get(name));
      if (found !== null) video.push(found);
    }
    return { video, audio: await audioDevices(this.#root) };
  }

  /** Null for a node that gives no pictures, such as that of a camera's metadata. */
  async #videoDevice(name: string, lasting: string | undefined): Promise<VideoDevice | null> {
    const node = `/dev/${name}`;
    const says = (
      await readFile(join(this.#root, VIDEO_CLASS, name, 'name'), 'utf8').catch(() => name)
    ).trim();
    const known = { device: lasting ?? node, node, name: says };
    const denied = await refused(this.#root, node, 'video');
    if (denied !== null) return { ...known, modes: [], problem: denied };
    const { caps, problem } = (await this.#offer(node)) ?? { caps: '', problem: `${node} does not answer.` };
    const modes = deviceModes(caps);
    if (problem === null && modes.length === 0) return null;
    return { ...known, modes, problem };
  }
}

async function videoNodes(root: string): Promise<string[]> {
  const names = await readdir(join(root, VIDEO_CLASS)).catch(() => []);
  return names
    .filter((name) => /^video\d+$/.test(name))
    .sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)));
}

/** The best name of each node. */
async function lastingNames(root: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const folder of LASTING_NAMES) {
    for (const name of (await readdir(join(root, folder)).catch(() => [])).sort()) {
      const node = await realpath(join(root, folder, name)).then(basename, () => null);
      if (node !== null && !found.has(node)) found.set(node, `/${folder}/${name}`);
    }
  }
  return found;
}

async function audioDevices(root: string): Promise<AudioDevice[]> {
  const captures = alsaCaptures(await readFile(join(root, SOUND, 'pcm'), 'utf8').catch(() => ''));
  return await Promise.all(
    captures.map(async ({ card, device, name }) => {
      const id = await readFile(join(root, SOUND, `card${card}`, 'id'), 'utf8').catch(() => String(card));
      return {
        device: `hw:CARD=${id.trim()},DEV=${device}`,
        node: `hw:${card},${device}`,
        name,
        problem: await refused(root, `/dev/snd/pcmC${card}D${device}c`, 'audio'),
      };
    }),
  );
}

async function refused(root: string, path: string, group: string): Promise<string | null> {
  try {
    await access(join(root, path), constants.R_OK | constants.W_OK);
    return null;
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : '';
    return code === 'EACCES' ? `${path}: add the user to group ${group}.` : `${path} is not there.`;
  }
}
