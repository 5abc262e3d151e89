/** Who watches live, as the API and the metrics speak of them. */
import type { CameraId } from '../domain/ids.ts';
import type { CamerasPort, MetricFamily } from '../http/ports.ts';
import type { ViewersPort } from '../http/viewers.ts';
import type { CameraView } from '../http/wire/camera.ts';
import { VIEWER_TRANSPORTS, type Viewer, type ViewerRegistry } from '../live/viewers.ts';

export function viewersPort(viewers: ViewerRegistry): ViewersPort {
  return {
    list: () => viewers.list().map(viewOf),
    get: (id) => viewOf(viewers.get(id)),
    end: (id) => viewers.end(id),
  };
}

/** The cameras with how many watch each of them, where they are looked at. */
export function withViewers(cameras: CamerasPort, viewers: ViewerRegistry): CamerasPort {
  const counted = (view: CameraView): CameraView => {
    const watching = viewers.list().filter(({ camera }) => camera === view.id);
    return { ...view, status: { ...view.status, viewers: watching.length } };
  };
  return {
    ...cameras,
    list: async () => (await cameras.list()).map(counted),
    get: async (id) => counted(await cameras.get(id)),
  };
}

/** How many watch each camera, by transport, and how far the last of them is behind. */
export function viewerMetrics(viewers: ViewerRegistry, cameras: readonly CameraId[]): MetricFamily[] {
  const of = (camera: CameraId) => viewers.list(camera);
  return [
    {
      name: 'nightjar_camera_viewers',
      help: 'How many watch it live.',
      type: 'gauge',
      samples: cameras.flatMap((camera) =>
        VIEWER_TRANSPORTS.map((transport) => ({
          labels: { camera, transport },
          value: of(camera).filter((viewer) => viewer.transport === transport).length,
        })),
      ),
    },
    {
      name: 'nightjar_camera_viewer_lag_seconds',
      help: 'How far the viewer that lags most is behind.',
      type: 'gauge',
      samples: cameras.map((camera) => ({
        labels: { camera },
        value: Math.max(0, ...of(camera).map(({ lagMs }) => lagMs)) / 1_000,
      })),
    },
  ];
}

function viewOf({ camera, ...viewer }: Viewer): Awaited<ReturnType<ViewersPort['get']>> {
  return { cameraId: camera, ...viewer };
}
