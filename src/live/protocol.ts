/**
 * The wire of live viewing: what a client may say (JSON text), what it is told (JSON text), and the header in front
 * of media (binary). Pure.
 */
import { NvrError } from '../domain/errors.ts';
import { type CameraId, cameraId, subKey } from '../domain/ids.ts';
import { isRecord } from '../domain/record.ts';
import type { Ticks } from '../domain/ticks.ts';
import type { EpochMs } from '../domain/time.ts';

export interface ClientMessage {
  readonly type: 'subscribe' | 'unsubscribe' | 'pause' | 'resume';
  /** Of a second stream its key. */
  readonly camera: CameraId;
}

/** Why nothing more comes: the camera was deleted, the client asked for it, or somebody ended this viewer. */
export type EndCause = 'deleted' | 'unsubscribed' | 'closed';

export type ServerMessage =
  /** Media of the camera comes on this channel from now on. */
  | { readonly type: 'subscribed'; readonly camera: CameraId; readonly channel: number }
  /** Precedes the init segment of a run. */
  | {
      readonly type: 'init';
      readonly channel: number;
      readonly runId: string;
      readonly codecs: string;
      readonly width: number;
      readonly height: number;
    }
  /** The client was too slow: so many fragments were left out, up to the key fragment that follows. */
  | { readonly type: 'skipped'; readonly channel: number; readonly fragments: number }
  /** Nothing more comes on this channel. */
  | { readonly type: 'ended'; readonly channel: number; readonly cause: EndCause }
  | { readonly type: 'error'; readonly camera?: string; readonly detail: string };

export const MEDIA_KINDS = { init: 0, fragment: 1, key: 2 } as const;

export interface MediaHeader {
  readonly kind: keyof typeof MEDIA_KINDS;
  readonly channel: number;
  readonly startTicks: Ticks;
  readonly startMs: EpochMs;
}

export const HEADER_BYTES = 20;
const VERSION = 1;
const TYPES: readonly string[] = ['subscribe', 'unsubscribe', 'pause', 'resume'];

/** 20 bytes, big-endian: version (8 bit), kind (8), channel (16), media time in 90 kHz ticks (64), epoch ms (64). */
export function mediaHeader({ kind, channel, startTicks, startMs }: MediaHeader): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt8(VERSION, 0);
  header.writeUInt8(MEDIA_KINDS[kind], 1);
  header.writeUInt16BE(channel, 2);
  header.writeBigUInt64BE(BigInt(startTicks), 4);
  header.writeBigUInt64BE(BigInt(startMs), 12);
  return header;
}

/** @throws NvrError `invalid` for anything that is not exactly one message. */
export function parseClientMessage(text: string): ClientMessage {
  const value = parsed(text);
  const { type, camera, stream, ...rest } = value;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) throw refusal(`There is no property ${unknown}.`);
  if (typeof type !== 'string' || !TYPES.includes(type))
    throw refusal(`"type" is one of ${TYPES.join(', ')}.`);
  if (typeof camera !== 'string') throw refusal('"camera" is the id of a camera.');
  if (stream !== undefined && stream !== 'main' && stream !== 'sub')
    throw refusal('"stream" is "main" or "sub".');
  const id = cameraId(camera, 'camera');
  return { type: type as ClientMessage['type'], camera: stream === 'sub' ? subKey(id) : id };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return { ...value };
  } catch {
    // Falls through to the same answer.
  }
  throw refusal('A message is a JSON object.');
}

function refusal(message: string): NvrError {
  return new NvrError('invalid', message);
}
