/** hls.js, which nobody downloads who does not need it. */
import type Hls from 'hls.js';
import type { HlsConfig } from 'hls.js';

export type HlsClass = typeof Hls;
export type { Hls };

/** What every use has in common: no worker, which a strict policy would forbid, and the session's cookie. */
const COMMON: Partial<HlsConfig> = {
  enableWorker: false,
  // Gaps are asked for by themselves; as text tracks they would also be loaded from a data address.
  enableDateRangeMetadataCues: false,
  enableID3MetadataCues: false,
  enableEmsgMetadataCues: false,
  xhrSetup: (xhr) => {
    xhr.withCredentials = true;
  },
};

/** A player with its own settings on top of the common ones. */
export async function createHls(
  config: Partial<HlsConfig>,
): Promise<{ readonly hls: Hls; readonly Hls: HlsClass }> {
  const { default: HlsLight } = await import('hls.js/light');
  return { hls: new HlsLight({ ...COMMON, ...config }), Hls: HlsLight };
}
