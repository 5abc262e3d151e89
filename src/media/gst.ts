/**
 * The one door to GStreamer: the only importer of node-gtk. Its namespaces and methods are for the few files of this
 * room that hold GObjects (`pipeline.ts`, `webrtc.ts`); plain data comes out of those. Nothing ever runs on a streaming
 * thread: only bus messages, taken from the default main context by a pump, because a JS handler on a streaming
 * thread can deadlock `setState`.
 */

import gi from 'node-gtk';
import { NvrError } from '../domain/errors.ts';
import { packageOf } from './elements.ts';

export type {
  GError,
  GstElement,
  GstMessage,
  GstObject,
  GstPad,
  GstSessionDescription,
} from 'node-gtk';

const GLib = gi.require('GLib', '2.0');
const GObject = gi.require('GObject', '2.0');
export const Gst = gi.require('Gst', '1.0');

/**
 * Methods are called through their classes, never on the objects: whether an object of a plug-in's own type has them
 * depends on what this process wrapped before it (node-gtk builds its prototypes lazily).
 */
export const call = methodsOf();

function methodsOf() {
  const { getName } = Gst.Object.prototype;
  const { getCurrentCaps, getStickyEvent, queryCaps } = Gst.Pad.prototype;
  const { parseSegment } = Gst.Event.prototype;
  const { toRunningTime } = Gst.Segment.prototype;
  const { getByName } = Gst.Bin.prototype;
  const element = Gst.Element.prototype;
  const { setProperty, getProperty, runDispose, emit } = GObject.Object.prototype;
  return {
    setProperty,
    getProperty,
    runDispose,
    emit,
    getTime: Gst.Clock.prototype.getTime,
    getName,
    getCurrentCaps,
    getStickyEvent,
    queryCaps,
    parseSegment,
    toRunningTime,
    getByName,
    setState: element.setState,
    getBus: element.getBus,
    getClock: element.getClock,
    getBaseTime: element.getBaseTime,
    sendEvent: element.sendEvent,
    getStaticPad: element.getStaticPad,
    foreachSrcPad: element.foreachSrcPad,
    queryPosition: element.queryPosition,
    addPropertyNotifyWatch: element.addPropertyNotifyWatch,
    removePropertyNotifyWatch: element.removePropertyNotifyWatch,
  };
}

/** Oldest GStreamer that has every element and property in use. */
const MINIMUM = [1, 22] as const;
let pumpMs = 20;
const IDLE_PUMP_MS = 200;
/** Bounds one turn of the pump, so that a flood of messages can't starve the event loop. */
const PUMP_BUDGET = 500;

let started = false;
let pump: NodeJS.Timeout | undefined;
/** A collected pipeline is torn down while PLAYING, so every open one is held here. */
const open = new Set<object>();

/**
 * Starts GStreamer once per process.
 * @throws NvrError `unavailable` when GStreamer is too old or an element of `required` is missing; the message
 *   names the Debian/Ubuntu packages to install.
 */
export function startGst(required: readonly string[]): void {
  if (!started) {
    Gst.init(null);
    started = true;
    schedulePump();
  }
  const [major, minor] = Gst.version();
  if (major < MINIMUM[0] || (major === MINIMUM[0] && minor < MINIMUM[1])) {
    throw new NvrError(
      'unavailable',
      `GStreamer ${major}.${minor} is too old: ${MINIMUM.join('.')} is needed.`,
    );
  }
  const missing = required.filter((name) => !hasElement(name));
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(packageOf))].join(' ');
    throw new NvrError(
      'unavailable',
      `GStreamer lacks ${missing.join(', ')}: install the packages ${packages}.`,
    );
  }
}

/** Whether this machine has an element of that name. */
export function hasElement(name: string): boolean {
  return Gst.ElementFactory.find(name) !== null;
}

/**
 * What WebRTC needs besides GStreamer itself, loaded when somebody first asks for it.
 * @throws NvrError `unavailable` naming the package that is missing.
 */
export function webRtc() {
  try {
    return { Sdp: gi.require('GstSdp', '1.0'), WebRTC: gi.require('GstWebRTC', '1.0') };
  } catch (cause) {
    const message = 'WebRTC needs the package gir1.2-gst-plugins-bad-1.0.';
    throw new NvrError('unavailable', message, { cause });
  }
}

/** Version of GStreamer in use, e.g. `1.22.0`. */
export function gstVersion(): string {
  return Gst.version().slice(0, 3).join('.');
}

/** Delivers queued bus messages; also drains GLib's idles, without which each pipeline leaks descriptors. */
function turn(): void {
  const context = GLib.MainContext.default();
  for (let i = 0; i < PUMP_BUDGET && context.iteration(false); i++);
}

/** Keeps a pipeline from being collected, and the pump quick, until `release`. */
export function hold(pipeline: object): void {
  open.add(pipeline);
  if (open.size === 1) schedulePump();
}

export function release(pipeline: object): void {
  open.delete(pipeline);
  if (open.size === 0) schedulePump();
}

/** How often bus messages are taken while there is a pipeline; 20 ms unless this was called. */
export function pumpEvery(ms: number): void {
  pumpMs = ms;
  schedulePump();
}

/** Text of an error domain, e.g. `gst-resource-error-quark`. */
export function domainOf(quark: number): string {
  return GLib.quarkToString(quark) ?? '';
}

function schedulePump(): void {
  clearInterval(pump);
  pump = setInterval(turn, open.size > 0 ? pumpMs : IDLE_PUMP_MS);
  if (open.size === 0) pump.unref();
}
