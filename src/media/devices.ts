/**
 * The capture devices of this machine: the kernel's own lists say which there are, GStreamer's elements say what they
 * offer. A device that may not be used is listed with the remedy.
 */
import { access, constants, readdir, readFile } from 'node:fs/promises';
import type { AudioDevice, Devices, VideoDevice } from '../domain/devices.ts';
import { messageOf } from '../domain/errors.ts';
import { failureOf } from './causes.ts';
import { alsaCaptures, deviceModes } from './deviceModes.ts';
import { Pipeline } from './pipeline.ts';

const VIDEO_CLASS = '/sys/class/video4linux';
const PCM_LIST = '/proc/asound/pcm';
/** How long a device that refuses is given to say why. */
const REASON_MS = 100;

/** One device after the other: opening one that hangs must not hang all. */
export async function listDevices(): Promise<Devices> {
  const video: VideoDevice[] = [];
  for (const node of await videoNodes()) {
    const found = await videoDevice(node);
    if (found !== null) video.push(found);
  }
  return { video, audio: await audioDevices() };
}

async function videoNodes(): Promise<string[]> {
  const names = await readdir(VIDEO_CLASS).catch(() => []);
  return names
    .filter((name) => /^video\d+$/.test(name))
    .sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)));
}

/** Null for a node that gives no pictures, such as that of a camera's metadata. */
async function videoDevice(node: string): Promise<VideoDevice | null> {
  const device = `/dev/${node}`;
  const name = (await readFile(`${VIDEO_CLASS}/${node}/name`, 'utf8').catch(() => node)).trim();
  const denied = await refused(device, 'video');
  if (denied !== null) return { device, name, modes: [], problem: denied };
  const { caps, problem } = await capsOf(device);
  const modes = deviceModes(caps);
  if (problem === null && modes.length === 0) return null;
  return { device, name, modes, problem };
}

async function audioDevices(): Promise<AudioDevice[]> {
  const captures = alsaCaptures(await readFile(PCM_LIST, 'utf8').catch(() => ''));
  return await Promise.all(
    captures.map(async ({ card, device, name }) => ({
      device: `hw:${card},${device}`,
      name,
      problem: await refused(`/dev/snd/pcmC${card}D${device}c`, 'audio'),
    })),
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

/** Opens the device without streaming from it. */
async function capsOf(device: string): Promise<{ readonly caps: string; readonly problem: string | null }> {
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
