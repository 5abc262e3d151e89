/** Recording one source into one file, without a recorder around it. */
import type { Encode, Source } from './camera.ts';
import type { EncoderName } from './encode.ts';

export interface RecordRequest {
  readonly source: Source;
  /** Null records the picture as it arrives, where that can be. */
  readonly encode: Encode | null;
  readonly encoder: EncoderName | null;
  readonly audio: boolean;
  /** Null until told to stop. */
  readonly durationMs: number | null;
  readonly output: { readonly path: string; readonly container: 'mp4' | 'ts' | 'mkv' };
}

/** What is in the file by now. */
export interface RecordProgress {
  readonly bytes: number;
  readonly frames: number;
  readonly mediaMs: number;
}

export interface RecordSummary extends RecordProgress {
  readonly file: string;
  readonly video: string;
  readonly audio: string | null;
  /** Why the source ended by itself; null when it was told to. */
  readonly failure: string | null;
}
