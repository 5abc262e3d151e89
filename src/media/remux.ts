/** Puts recorded media into another container, without decoding it. */
import { NvrError } from '../domain/errors.ts';
import { remuxText } from './containers.ts';
import { Pipeline } from './pipeline.ts';

export interface RemuxRequest {
  /** Absolute paths of the fragmented MP4 that is read and of the MPEG transport stream that is written. */
  readonly from: string;
  readonly to: string;
  /** RFC 6381, video first. */
  readonly codecs: string;
  readonly signal: AbortSignal;
}

/**
 * Writes an MPEG transport stream (ISO 13818-1) of an MP4 file.
 * @throws NvrError `invalid` for a codec that it cannot carry, `unavailable` when GStreamer fails, `conflict` when aborted.
 */
export async function remuxToTs({ from, to, codecs, signal }: RemuxRequest): Promise<void> {
  let finish: (failure: NvrError | null) => void = () => undefined;
  const finished = new Promise<NvrError | null>((resolve) => {
    finish = resolve;
  });
  const pipeline = new Pipeline(remuxText('ts', codecs), (message) => {
    if (message.type === 'eos') finish(null);
    if (message.type === 'error')
      finish(new NvrError('unavailable', `It could not be remuxed: ${message.message}`));
  });
  const onAbort = () => finish(new NvrError('conflict', 'The export was cancelled.'));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal.aborted) onAbort();
    pipeline.set('source', 'location', from);
    pipeline.set('sink', 'location', to);
    pipeline.play();
    const failure = await finished;
    if (failure !== null) throw failure;
  } finally {
    signal.removeEventListener('abort', onAbort);
    pipeline.close();
  }
}
