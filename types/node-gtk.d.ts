/**
 * The narrow part of node-gtk that `media/gst.ts` uses. Hand-written: what is not here is not meant to be used.
 * 64-bit values are `bigint`; a property's JS type follows its GType.
 */
declare module 'node-gtk' {
  export interface GError {
    readonly domain: number;
    readonly code: number;
    readonly message: string;
  }

  /** Opaque: methods are called through the prototypes of the classes. */
  export interface GstObject {
    readonly kind: string;
  }

  export interface GstCaps {
    toString(): string;
  }

  export interface GValue {
    getString(): string | null;
  }

  export interface GstMessage {
    readonly type: number;
    readonly src: GstObject | null;
    parseError(): [GError, string | null];
    parseWarning(): [GError, string | null];
    parsePropertyNotify(): [GstElement, string, GValue | null];
    parseProgress(): [number, string, string];
  }

  export interface GstClock extends GstObject {
    readonly kind: 'clock';
  }

  export interface GstBus extends GstObject {
    readonly kind: 'bus';
    addSignalWatch(): void;
    removeSignalWatch(): void;
    setFlushing(flushing: boolean): void;
    on(event: `message::${string}`, listener: (message: GstMessage) => void): void;
    off(event: `message::${string}`, listener: (message: GstMessage) => void): void;
  }

  export interface GstEvent {
    readonly kind: 'event';
  }

  export interface GstSegment {
    readonly kind: 'segment';
  }

  export interface GstPad extends GstObject {
    readonly kind: 'pad';
  }

  export interface GstElement extends GstObject {
    readonly kind: 'element';
  }

  export interface GLibNamespace {
    MainContext: { default(): { iteration(mayBlock: boolean): boolean } };
    quarkToString(quark: number): string | null;
  }

  export interface GObjectNamespace {
    Object: {
      prototype: {
        setProperty(this: GstObject, name: string, value: unknown): void;
        getProperty(this: GstObject, name: string): unknown;
        runDispose(this: GstObject): void;
        /** Runs the class handler of an action signal on this thread. */
        emit(this: GstObject, signal: string, ...values: readonly unknown[]): unknown;
      };
    };
  }

  export interface GstNamespace {
    Object: { prototype: { getName(this: GstObject): string } };
    Clock: { prototype: { getTime(this: GstClock): bigint } };
    Pad: {
      prototype: {
        getCurrentCaps(this: GstPad): GstCaps | null;
        queryCaps(this: GstPad, filter: GstCaps | null): GstCaps;
        getStickyEvent(this: GstPad, type: number, index: number): GstEvent | null;
      };
    };
    EventType: { SEGMENT: number };
    Format: { TIME: number };
    Segment: { prototype: { toRunningTime(this: GstSegment, format: number, position: bigint): bigint } };
    Bin: { prototype: { getByName(this: GstElement, name: string): GstElement | null } };
    Element: {
      prototype: {
        setState(this: GstElement, state: number): number;
        getBus(this: GstElement): GstBus;
        /** Null before it plays. */
        getClock(this: GstElement): GstClock | null;
        getBaseTime(this: GstElement): bigint;
        sendEvent(this: GstElement, event: unknown): boolean;
        getStaticPad(this: GstElement, name: string): GstPad | null;
        /** Calls back at once, on this thread. */
        foreachSrcPad(this: GstElement, visit: (element: GstElement, pad: GstPad) => boolean): boolean;
        /** Nanoseconds for `Format.TIME`, where the first is true. */
        queryPosition(this: GstElement, format: number): readonly [boolean, bigint | number];
        addPropertyNotifyWatch(this: GstElement, property: string, includeValue: boolean): bigint | number;
        removePropertyNotifyWatch(this: GstElement, id: bigint | number): void;
      };
    };
    init(argv: null): void;
    version(): [number, number, number, number];
    parseLaunch(text: string): GstElement;
    State: { NULL: number; READY: number; PAUSED: number; PLAYING: number };
    StateChangeReturn: { FAILURE: number };
    MessageType: Readonly<Record<'EOS' | 'ERROR' | 'WARNING' | 'PROGRESS' | 'PROPERTY_NOTIFY', number>>;
    Event: { newEos(): unknown; prototype: { parseSegment(this: GstEvent): GstSegment } };
    Caps: { fromString(text: string): GstCaps | null };
    Promise: { 'new'(): GstPromise };
    Structure: { newEmpty(name: string): GstStructure };
    ElementFactory: { find(name: string): GstObject | null };
  }

  /** Boxed; `sdp` belongs to it. */
  export interface GstSessionDescription {
    readonly sdp: GstSdpMessage;
  }

  export interface GstSdpMessage {
    asText(): string;
  }

  export interface GstStructure {
    getValue(field: string): { getBoxed(): unknown } | null;
  }

  export interface GstPromise {
    /** Blocks until it was replied to. */
    wait(): number;
    /** Only once it was replied to. */
    getReply(): GstStructure | null;
  }

  export interface GstSdpNamespace {
    SDPMessage: { newFromText(text: string): [number, GstSdpMessage] };
  }

  export interface GstWebRTCNamespace {
    WebRTCSDPType: { OFFER: number };
    WebRTCSessionDescription: { 'new'(type: number, sdp: GstSdpMessage): GstSessionDescription };
  }

  export interface NodeGtk {
    require(name: 'GstSdp', version: string): GstSdpNamespace;
    require(name: 'GstWebRTC', version: string): GstWebRTCNamespace;
    require(name: 'GLib', version: string): GLibNamespace;
    require(name: 'GObject', version: string): GObjectNamespace;
    require(name: 'Gst', version: string): GstNamespace;
  }

  const gi: NodeGtk;
  export default gi;
}
