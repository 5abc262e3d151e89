/** The cameras of the benches: H.264 1080p25 at 4 Mbit/s over TCP, stamped, from one process that is not measured. */
import type { VideoFootage } from '../support/footage.ts';
import { type SpawnedRtspServer, spawnRtspServer } from '../support/rtsp/process.ts';

export interface Cameras {
  readonly server: SpawnedRtspServer;
  /** Of each camera: what its folder is called, and where it is. */
  readonly list: readonly Camera[];
}

export interface Camera {
  readonly id: string;
  readonly url: string;
}

export async function startCameras(count: number, video: VideoFootage = 'hd'): Promise<Cameras> {
  const ids = Array.from({ length: count }, (_, index) => `cam-${String(index + 1).padStart(2, '0')}`);
  const server = await spawnRtspServer({
    stamp: true,
    cameras: ids.map((id) => ({ path: id, video })),
  });
  return { server, list: ids.map((id) => ({ id, url: server.url(id) })) };
}
