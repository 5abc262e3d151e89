/** What a pipeline says on its bus, as plain data, and how the words of an `identity` are read. Pure. */

/** A GError from the bus: the quark of its domain as text, e.g. `gst-resource-error-quark`. */
export interface BusError {
  /** Name of the element that posted it. */
  readonly element: string;
  readonly domain: string;
  readonly code: number;
  readonly message: string;
  readonly debug: string;
}

/** What a pipeline says, as plain data. */
export type BusMessage =
  | { readonly type: 'eos' }
  | ({ readonly type: 'error' } & BusError)
  | ({ readonly type: 'warning' } & BusError)
  /** What a source is doing, e.g. `SETUP stream 0`. */
  | { readonly type: 'progress'; readonly text: string }
  /** A source connects to its address, which is where it was led to by now. */
  | { readonly type: 'connect'; readonly to: string }
  | { readonly type: 'caps'; readonly element: string; readonly caps: string }
  | { readonly type: 'first-buffer'; readonly element: string; readonly ptsMs: number };

type Said =
  | { readonly type: 'caps'; readonly caps: string }
  | { readonly type: 'first-buffer'; readonly ptsMs: number };

/**
 * Reads the `last-message` of an `identity`: caps that passed, or a buffer with its presentation time.
 * @returns null for other events, and for a buffer without a time
 */
export function readLastMessage(text: string): Said | null {
  const caps = /GstEventCaps, caps=\(GstCaps\)"(.*)";\)/.exec(text)?.[1];
  if (caps !== undefined) return { type: 'caps', caps: caps.replaceAll('\\', '') };
  const pts = /^chain .* pts: (\d+):(\d\d):(\d\d\.\d+),/.exec(text);
  if (pts === null) return null;
  const [, hours, minutes, seconds] = pts;
  return {
    type: 'first-buffer',
    ptsMs: (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000,
  };
}
