/**
 * One GStreamer pipeline behind plain data: numbers, strings and unions go in and come out, no GObject does. What it
 * says arrives as bus messages on the JavaScript thread, never on a streaming thread.
 */
import { messageOf, NvrError } from '../domain/errors.ts';
import { type BusError, type BusMessage, readLastMessage } from './busMessage.ts';
import { packageOf } from './elements.ts';
import {
  call,
  domainOf,
  type GError,
  Gst,
  type GstElement,
  type GstMessage,
  type GstObject,
  type GstPad,
  hold,
  release,
} from './gst.ts';
import { Mailbox } from './mailbox.ts';

/**
 * What is heard of the bus. The rest (each element's state changes, tags, clocks) never reaches JavaScript: a message
 * holds its element, with its descriptors, until the garbage collector comes.
 */
const HEARD = [
  'message::eos',
  'message::error',
  'message::warning',
  'message::progress',
  'message::property-notify',
] as const;

/** GST_CLOCK_TIME_NONE. */
const NO_TIME = 2n ** 64n - 1n;

export type PropertyValue = string | number | bigint | boolean;

/** What an element may leave undone with a value. */
export interface Tolerance {
  readonly optional?: boolean;
  readonly unread?: boolean;
}

/** One pipeline, from launch text to `close`. Disposable: a failed one is closed and rebuilt, never repaired. */
export class Pipeline {
  readonly #element: GstElement;
  readonly #onMessage: (message: BusMessage) => void;
  readonly #mailbox = new Mailbox<GstMessage>((message) => this.#receive(message));
  readonly #watches = new Map<string, bigint | number>();
  #closed = false;

  /**
   * @param launch text made of constants only; values from users are set with `set`.
   * @throws NvrError `unavailable` for a missing element, `internal` for text that does not parse.
   */
  constructor(launch: string, onMessage: (message: BusMessage) => void) {
    this.#element = parse(launch);
    this.#onMessage = onMessage;
    const bus = call.getBus.call(this.#element);
    bus.addSignalWatch();
    for (const signal of HEARD) bus.on(signal, this.#mailbox.listener);
    hold(this);
  }

  /**
   * Sets a property of a named element and reads it back, because GObject ignores unknown names and clamps
   * bad values without a word. Enums and flags are numbers.
   * @param tolerance `optional` where a version of the element may lack the property, `unread` where the element does not give it back as it was given
   * @throws NvrError `internal` when there is no such element or property, or the value did not take.
   */
  set(element: string, property: string, value: PropertyValue, tolerance: Tolerance = {}): void {
    const found = this.element(element);
    if (tolerance.unread) call.setProperty.call(found, property, value);
    else if (!tolerance.optional || hasProperty(found, property)) {
      setChecked(found, `${element}.${property}`, property, value);
    }
  }

  /** Sets a property of a pad of a named element. @throws as `set`. */
  setPad(element: string, pad: string, property: string, value: PropertyValue): void {
    const found = call.getStaticPad.call(this.element(element), pad);
    if (found === null) throw new NvrError('internal', `Element ${element} has no pad ${pad}.`);
    setChecked(found, `${element}.${pad}.${property}`, property, value);
  }

  /** Sets a caps property from text. @throws NvrError `internal` when the text is not caps. */
  setCaps(element: string, property: string, text: string): void {
    const caps = Gst.Caps.fromString(text);
    if (caps === null) throw new NvrError('internal', `Not caps: ${text}`);
    call.setProperty.call(this.element(element), property, caps);
  }

  /**
   * Asks for one `caps` and one `first-buffer` message of a named `identity` (in the launch text with
   * `silent=false`), after which the identity is silent again and costs nothing.
   */
  watchFirstBuffer(element: string): void {
    this.#watches.set(element, call.addPropertyNotifyWatch.call(this.element(element), 'last-message', true));
  }

  /** Reads a property of a named element. @throws NvrError `internal` when there is no such element. */
  get(element: string, property: string): unknown {
    return call.getProperty.call(this.element(element), property);
  }

  /** Emits an action signal of a named element, e.g. `add` of a `multiudpsink`. */
  act(element: string, signal: string, ...values: readonly (string | number)[]): void {
    call.emit.call(this.element(element), signal, ...values);
  }

  /** Caps of every source pad that a named element has now, as text; empty for a pad that has none yet. */
  sourceCaps(element: string): string[] {
    const found: string[] = [];
    call.foreachSrcPad.call(this.element(element), (_, pad) => {
      found.push(capsOf(pad) ?? '');
      return true;
    });
    return found;
  }

  /** Caps that arrived at a pad of a named element, as text; null before any did. */
  padCaps(element: string, pad: string): string | null {
    return capsOf(call.getStaticPad.call(this.element(element), pad));
  }

  /** The running time now, in milliseconds: what the times of buffers count in. 0 before it plays. */
  runningMs(): number {
    const clock = call.getClock.call(this.#element);
    if (clock === null) return 0;
    return Number(call.getTime.call(clock) - call.getBaseTime.call(this.#element)) / 1e6;
  }

  /** How far the media has come at a named element, in milliseconds; null where it does not know. */
  positionMs(element: string): number | null {
    const [known, position] = call.queryPosition.call(this.element(element), Gst.Format.TIME);
    return known ? Number(position) / 1e6 : null;
  }

  /** @throws NvrError `unavailable` when the state change fails at once. */
  play(): void {
    if (call.setState.call(this.#element, Gst.State.PLAYING) === Gst.StateChangeReturn.FAILURE) {
      // The bus carries the reason; it is delivered on the pump's next turn.
      throw new NvrError('unavailable', 'The pipeline did not start.');
    }
  }

  /** Opens devices without streaming from them; false when one refuses, which says why on the bus. */
  ready(): boolean {
    return call.setState.call(this.#element, Gst.State.READY) !== Gst.StateChangeReturn.FAILURE;
  }

  /** Everything that a pad of a named element could give, as text. */
  offeredCaps(element: string, pad: string): string {
    const found = call.getStaticPad.call(this.element(element), pad);
    return found === null ? '' : call.queryCaps.call(found, null).toString();
  }

  /** Asks every source to end; `eos` follows when the last byte has left the sink. */
  end(): void {
    call.sendEvent.call(this.#element, Gst.Event.newEos());
  }

  /** Stops at once and lets go of everything; messages that are still queued are dropped. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#mailbox.close();
    const bus = call.getBus.call(this.#element);
    for (const signal of HEARD) bus.off(signal, this.#mailbox.listener);
    bus.removeSignalWatch();
    bus.setFlushing(true);
    call.setState.call(this.#element, Gst.State.NULL);
    // Frees their descriptors now: the garbage collector may be minutes away. Nothing is posted on a flushing bus.
    call.runDispose.call(bus);
    call.runDispose.call(this.#element);
    release(this);
  }

  /** Whether there is an element of that name. */
  has(name: string): boolean {
    return call.getByName.call(this.#element, name) !== null;
  }

  /** A named element, for the files of this room that do with it what plain data can't say. @throws NvrError `internal` */
  element(name: string): GstElement {
    const found = call.getByName.call(this.#element, name);
    if (found === null) throw new NvrError('internal', `The pipeline has no element ${name}.`);
    return found;
  }

  #receive(message: GstMessage): void {
    if (this.#closed) return;
    const { EOS, ERROR, WARNING, PROGRESS, PROPERTY_NOTIFY } = Gst.MessageType;
    switch (message.type) {
      case EOS:
        this.#onMessage({ type: 'eos' });
        break;
      case ERROR:
        this.#onMessage({ type: 'error', ...busError(message, message.parseError()) });
        break;
      case WARNING:
        this.#onMessage({ type: 'warning', ...busError(message, message.parseWarning()) });
        break;
      case PROGRESS:
        this.#onMessage(progress(message, message.parseProgress()));
        break;
      case PROPERTY_NOTIFY:
        this.#notified(message);
        break;
    }
  }

  /** Reads what an `identity` says of the events and buffers that pass it. */
  #notified(message: GstMessage): void {
    const [source, , value] = message.parsePropertyNotify();
    const element = call.getName.call(source);
    const watch = this.#watches.get(element);
    const said = readLastMessage(value?.getString() ?? '');
    if (watch === undefined || said === null) return;
    if (said.type === 'first-buffer') {
      this.#watches.delete(element);
      call.removePropertyNotifyWatch.call(source, watch);
      setChecked(source, `${element}.silent`, 'silent', true);
    }
    const ptsMs = said.type === 'first-buffer' ? runningTimeMs(source, said.ptsMs) : 0;
    this.#onMessage(said.type === 'caps' ? { ...said, element } : { ...said, ptsMs, element });
  }
}

/**
 * The running time of a buffer's time: containers begin anywhere and may differ from track to track (edit lists). What
 * lies before the segment is clipped by the muxer, and its successor begins at 0.
 */
function runningTimeMs(element: GstElement, ptsMs: number): number {
  const pad = call.getStaticPad.call(element, 'src');
  const event = pad === null ? null : call.getStickyEvent.call(pad, Gst.EventType.SEGMENT, 0);
  if (event === null) return ptsMs;
  const segment = call.parseSegment.call(event);
  const time = call.toRunningTime.call(segment, Gst.Format.TIME, BigInt(Math.round(ptsMs * 1e6)));
  return time === NO_TIME ? 0 : Number(time) / 1e6;
}

function hasProperty(element: GstElement, property: string): boolean {
  try {
    call.getProperty.call(element, property);
    return true;
  } catch {
    return false;
  }
}

function capsOf(pad: GstPad | null): string | null {
  return (pad === null ? null : call.getCurrentCaps.call(pad))?.toString() ?? null;
}

function parse(launch: string): GstElement {
  try {
    return Gst.parseLaunch(launch);
  } catch (cause) {
    const missing = /no element "([^"]+)"/.exec(messageOf(cause))?.[1];
    if (missing !== undefined) {
      const message = `GStreamer lacks ${missing}: install the package ${packageOf(missing)}.`;
      throw new NvrError('unavailable', message, { cause });
    }
    throw new NvrError('internal', `Launch text does not parse: ${messageOf(cause)}`, { cause });
  }
}

function setChecked(target: GstObject, what: string, property: string, value: PropertyValue): void {
  try {
    call.setProperty.call(target, property, value);
  } catch (cause) {
    throw new NvrError('internal', `${what} can't be set: ${messageOf(cause)}`, { cause });
  }
  const now = call.getProperty.call(target, property);
  // 64-bit properties read back as bigint whatever was given.
  const same = typeof now === 'bigint' ? typeof value !== 'string' && now === BigInt(value) : now === value;
  if (!same) throw new NvrError('internal', `${what} did not take its value.`);
}

function progress({ src }: GstMessage, [, code, text]: [unknown, string, string]): BusMessage {
  if (code !== 'connect' || src === null) return { type: 'progress', text };
  return { type: 'connect', to: String(call.getProperty.call(src, 'location')) };
}

function busError(message: GstMessage, [error, debug]: [GError, string | null]): BusError {
  return {
    element: message.src === null ? '' : call.getName.call(message.src),
    domain: domainOf(error.domain),
    code: error.code,
    message: error.message,
    debug: debug ?? '',
  };
}
