/** A part of a camera's footage as files to keep: which there are, and how one is fetched, hashed and saved. */
import type { ExportParts, ExportPartView } from '../../types/api.ts';
import { ApiError, apiUrl, get } from '../core/api.ts';
import { Sha256 } from '../media/sha256.ts';
import type { Interval } from '../time/zone.ts';

/** Footage on both sides of a gap becomes one file, or one each. */
export type GapsAs = 'close' | 'split';

export interface Wanted extends Interval {
  readonly camera: string;
  readonly gaps: GapsAs;
}

/** What is known of a file before any of it is fetched. */
export interface FileHead {
  readonly name: string;
  readonly bytes: number;
}

export interface FetchedFile extends FileHead {
  readonly blob: Blob;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** Pieces are handed to the browser in blocks, which it may keep on its disk. */
const BLOCK_BYTES = 8_000_000;

/** @throws ApiError */
export async function partsOf({ camera, startMs, endMs, gaps }: Wanted): Promise<readonly ExportPartView[]> {
  const query = `?start=${startMs}&end=${endMs}&gaps=${gaps}`;
  return (await get<ExportParts>(`/cameras/${camera}/export/parts${query}`)).parts;
}

/** Address of one of the files. @param part null when there is only one */
export function fileUrl({ camera, startMs, endMs, gaps }: Wanted, part: number | null): string {
  const which = part === null ? '' : `&part=${part}`;
  return apiUrl(`/cameras/${camera}/export.mp4?start=${startMs}&end=${endMs}&gaps=${gaps}${which}`);
}

/** @throws ApiError */
export async function headOf(url: string, signal: AbortSignal): Promise<FileHead> {
  return readHead(await ask('HEAD', url, signal));
}

/**
 * Fetches a file and hashes it on the way.
 * @param onProgress bytes that have arrived
 * @throws ApiError
 */
export async function fetchFile(
  url: string,
  signal: AbortSignal,
  onProgress: (bytes: number) => void,
): Promise<FetchedFile> {
  const response = await ask('GET', url, signal);
  const reader = response.body?.getReader();
  if (!reader) throw new ApiError(0, null);
  const hash = new Sha256();
  const blocks: Blob[] = [];
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let [held, bytes] = [0, 0];
  for (let piece = await next(reader); piece; piece = await next(reader)) {
    hash.add(piece);
    pieces.push(piece);
    held += piece.length;
    bytes += piece.length;
    onProgress(bytes);
    if (held < BLOCK_BYTES) continue;
    blocks.push(new Blob(pieces));
    [pieces, held] = [[], 0];
  }
  const blob = new Blob([...blocks, ...pieces], { type: 'video/mp4' });
  const head = readHead(response);
  if (head.bytes > 0 && head.bytes !== bytes) throw new ApiError(0, null);
  return { name: head.name, bytes, blob, sha256: hash.digest() };
}

async function ask(method: 'GET' | 'HEAD', url: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, { method, signal, cache: 'no-store' }).catch(() => null);
  if (response?.ok) return response;
  throw new ApiError(response?.status ?? 0, null);
}

async function next(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const read = await reader.read().catch(() => null);
  if (read === null) throw new ApiError(0, null);
  return read.value;
}

function readHead({ headers }: Response): FileHead {
  return {
    name: nameIn(headers.get('content-disposition') ?? '') ?? 'nightjar.mp4',
    bytes: Number(headers.get('content-length') ?? 0),
  };
}

/** The name that a `Content-Disposition` gives a file (RFC 8187 before RFC 6266); null when it gives none. */
export function nameIn(disposition: string): string | null {
  const extended = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
  if (extended) return decodeURIComponent(extended);
  return /filename="([^"]*)"/i.exec(disposition)?.[1] ?? null;
}
