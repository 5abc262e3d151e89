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
    Pad: { prototype: { getCurrentCaps(this: GstPad): GstCaps | null } };
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
    Event: { newEos(): unknown };
    Caps: { fromString(text: string): GstCaps | null };
    ElementFactory: { find(name: string): GstObject | null };
  }

  export interface NodeGtk {
    require(name: 'GLib', version: string): GLibNamespace;
    require(name: 'GObject', version: string): GObjectNamespace;
    require(name: 'Gst', version: string): GstNamespace;
  }

  const gi: NodeGtk;
  export default gi;
}
