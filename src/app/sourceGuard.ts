/** The address policy before cameras: what nobody may make the recorder connect to is no source. */
import { ALL_SCHEMES, parseAddress, RTSP_SCHEMES, type Schemes } from '../domain/address.ts';
import type { Source } from '../domain/camera.ts';
import type { CamerasPort } from '../http/ports.ts';
import { expectReachable, type Resolve } from './addressGuard.ts';
import { patchedSource, sourceOf } from './sources.ts';

/** Of webhooks, which are none of a camera's business. */
const RULES = { webhooksToLoopback: false };

/** The same cameras, to which no source with a forbidden address can be given; also not to look at. */
export function guardSources(cameras: CamerasPort, resolve?: Resolve): CamerasPort {
  const expectAllowed = (source: Source, field: string) => expectConnectable(source, field, resolve);
  return {
    ...cameras,
    async create(input) {
      await expectAllowed(sourceOf(input.source), 'source');
      if (input.sub) await expectAllowed(sourceOf(input.sub, 'sub'), 'sub');
      return await cameras.create(input);
    },
    async update(id, patch, expected) {
      for (const field of ['source', 'sub'] as const) {
        const change = patch[field];
        // What says no address keeps the one that was judged before.
        if (change && 'url' in change) await expectAllowed(patchedSource(change, null, field), field);
      }
      return await cameras.update(id, patch, expected);
    },
    async probe(source) {
      await expectAllowed(sourceOf(source), 'source');
      return await cameras.probe(source);
    },
    async probePicture(source) {
      await expectAllowed(sourceOf(source), 'source');
      return await cameras.probePicture(source);
    },
  };
}

/**
 * Refuses a source at a forbidden address. Also before each connection: names change what they resolve to.
 * @throws NvrError `forbidden` naming the field
 */
export async function expectConnectable(source: Source, field: string, resolve?: Resolve): Promise<void> {
  const url = connectsTo(source);
  if (url !== null) await expectAddress(url, ALL_SCHEMES, `${field}.url`, resolve);
}

/**
 * Refuses an address that an RTSP server leads to, by the same rule.
 * @throws NvrError `forbidden`, `invalid` for what is no address of RTSP
 */
export async function expectRedirect(url: string): Promise<void> {
  await expectAddress(url, RTSP_SCHEMES, 'source.url');
}

async function expectAddress(url: string, schemes: Schemes, field: string, resolve?: Resolve): Promise<void> {
  const { host } = parseAddress(url, field, schemes);
  await expectReachable(host, 'camera', RULES, field, resolve);
}

/** The address that a source makes the recorder connect to; null for one that waits, or is on this machine. */
function connectsTo(source: Source): string | null {
  if (source.kind === 'srt') return source.role === 'caller' ? source.url : null;
  return source.kind === 'udp' || !('url' in source) ? null : source.url;
}
