/** How a volume is doing, in words: what its trouble is called, and whether its footage can still be read. */
import type { NvrError } from '../domain/errors.ts';
import type { EpochMs } from '../domain/time.ts';
import { codeOf } from './disk.ts';
import { DiskStalled } from './gate.ts';
import { MissingVolume } from './volume.ts';

/** `missing`: it is not there, or another is in its place; `slow`: it does not answer. */
export type VolumeState = 'ok' | 'missing' | 'read-only' | 'slow' | 'full' | 'failing';

export interface VolumeHealth {
  readonly state: VolumeState;
  /** When this state was first seen. */
  readonly sinceMs: EpochMs;
  /** A sentence for people; null when all is well. */
  readonly reason: string | null;
  /** The longest that writing took lately, in ms. */
  readonly writeDelayMs: number;
}

export function stateOf(trouble: NvrError | null): VolumeState {
  if (trouble === null) return 'ok';
  if (trouble instanceof MissingVolume) return 'missing';
  if (trouble instanceof DiskStalled) return 'slow';
  if (trouble.kind === 'exhausted') return 'full';
  return codeOf(trouble.cause) === 'EROFS' ? 'read-only' : 'failing';
}

/** One that can't be written may still be read. */
export function isReadable(trouble: NvrError | null): boolean {
  const state = stateOf(trouble);
  return state !== 'missing' && state !== 'slow';
}
