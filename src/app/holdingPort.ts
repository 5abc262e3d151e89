/** Deleted cameras and their footage, as the API speaks of them. */
import type { Archive } from '../archive/archive.ts';
import type { HeldCamera } from '../archive/holding.ts';
import type { Fleet } from '../cameras/fleet.ts';
import { NvrError } from '../domain/errors.ts';
import type { Clock } from '../domain/time.ts';
import type { HoldingPort } from '../http/holding.ts';
import type { CamerasPort } from '../http/ports.ts';
import type { HeldCamera as HeldCameraView } from '../http/wire/holding.ts';

export function holdingPort(
  { holding, retention }: Pick<Archive, 'holding' | 'retention'>,
  fleet: Pick<Fleet, 'restore'>,
  cameras: Pick<CamerasPort, 'get'>,
  clock: Clock,
): HoldingPort {
  return {
    list: () => holding.list().map(view),
    restore(id) {
      const unknown = holding.list().some(({ cameraId, name }) => cameraId === id && name === null);
      if (unknown) {
        throw new NvrError(
          'conflict',
          `There is footage of ${id}, but nothing else is known of this camera, so it can’t be restored.`,
          { field: 'cameraId' },
        );
      }
      fleet.restore(id);
      return cameras.get(id);
    },
    purge(id) {
      const held = holding.purge(id, clock.now());
      retention.hurry();
      return view(held);
    },
  };
}

function view(held: HeldCamera): HeldCameraView {
  return { ...held, restorable: held.name !== null };
}
