/** Binary frames of the live WebSocket: a header of 20 bytes, big-endian, then media. Pure. */

export type FrameKind = 'init' | 'fragment' | 'key';

export interface LiveFrame {
  readonly kind: FrameKind;
  /** Which subscription it belongs to. */
  readonly channel: number;
  /** On the run's clock. */
  readonly mediaSeconds: number;
  /** When its first frame was taken, in epoch milliseconds of the recorder. */
  readonly wallMs: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const VERSION = 1;
const HEADER_BYTES = 20;
const KINDS: readonly FrameKind[] = ['init', 'fragment', 'key'];
const TICKS_PER_SECOND = 90_000;

/** Null for what this version does not understand. */
export function readFrame(message: ArrayBuffer): LiveFrame | null {
  if (message.byteLength < HEADER_BYTES) return null;
  const view = new DataView(message);
  const kind = KINDS[view.getUint8(1)];
  if (view.getUint8(0) !== VERSION || kind === undefined) return null;
  return {
    kind,
    channel: view.getUint16(2),
    // 2^53 ticks are three thousand years.
    mediaSeconds: Number(view.getBigUint64(4)) / TICKS_PER_SECOND,
    wallMs: Number(view.getBigUint64(12)),
    bytes: new Uint8Array(message, HEADER_BYTES),
  };
}
