/** All settings as one file: made of what is configured, and brought back as one change. */
import { isDeepStrictEqual } from 'node:util';
import type { PolicyStore, ScheduleStore } from '../archive/policyStore.ts';
import type { Fleet } from '../cameras/fleet.ts';
import type { Camera, CameraDraft, Source } from '../domain/camera.ts';
import { NvrError } from '../domain/errors.ts';
import { type CameraId, cameraId } from '../domain/ids.ts';
import { validatePolicy } from '../domain/retention.ts';
import { validateSchedule } from '../domain/schedule.ts';
import type { Clock } from '../domain/time.ts';
import type { SettingsPort } from '../http/settings.ts';
import type { SourceInput } from '../http/wire/source.ts';
import type { CameraSettings, ImportInput, ImportPlan, SettingsFile, WebhookSettings } from '../http/wire/settings.ts';
import { newCamera } from './cameraPort.ts';
import { lock, type Passwords, unlock } from './lockedPasswords.ts';
import { expectConnectable } from './sourceGuard.ts';
import { sourceView } from './sources.ts';
import type { WebhookDoor } from './webhooksPort.ts';

export interface SettingsDoors {
  readonly fleet: Pick<Fleet, 'list' | 'putAll' | 'reschedule'>;
  readonly policies: Pick<PolicyStore, 'all' | 'set'>;
  readonly schedules: Pick<ScheduleStore, 'get' | 'set'>;
  readonly webhooks: Pick<WebhookDoor, 'list' | 'prepare' | 'settle'>;
  readonly clock: Clock;
  /** Stores everything that the function stores, or, when it throws, nothing. */
  together<T>(work: () => T): T;
}

type Step = ImportPlan['steps'][number];

/** One camera or webhook of a file, checked. */
interface Change {
  readonly step: Step;
  readonly draft?: CameraDraft;
  /** Stores what is not the camera itself. */
  store(): void;
}

/** Ends a transaction that was only a trial. */
class Trial extends Error {}

export function settingsPort(doors: SettingsDoors): SettingsPort {
  return {
    give: async (passphrase) => await give(doors, passphrase),
    async take(input, dryRun) {
      const passwords = await passwordsOf(input);
      const drafts = await Promise.all(
        input.settings.cameras.map((camera, at) => inPlace(`settings.cameras.${at}`, () => draftOf(camera, passwords))),
      );
      const webhooks = await webhookChanges(doors, input.settings.webhooks);
      // From here on nothing is waited for: what was compared is what is changed.
      const cameras = input.settings.cameras.map((camera, at) => cameraChange(doors, camera, drafts[at]));
      const changes = [...cameras, ...webhooks].filter(({ step }) => step.action !== 'leave');
      store(doors, changes, dryRun);
      return { done: !dryRun, steps: [...cameras, ...webhooks].map(({ step }) => step).concat(await others(doors, input)) };
    },
  };
}
