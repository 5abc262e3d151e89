/** What a run does with its pipeline, wherever that plays: in this process, or in one of its own (`captureHost.ts`). */
import type { BusMessage } from './busMessage.ts';
import { Pipeline } from './pipeline.ts';
import { applySettings, type RecordingPlan } from './plan.ts';

export interface RunPipeline extends Pick<Pipeline, 'act' | 'set' | 'padCaps' | 'runningMs' | 'end'> {
  /** Lets go of everything; resolves when others can have it. Idempotent. */
  close(): void | Promise<void>;
}

/** Plays a plan; its messages come later, never before this returns. @throws NvrError when it can't be built */
export type Player = (plan: RecordingPlan, onMessage: (message: BusMessage) => void) => RunPipeline;

/** Plays in this process. @throws NvrError `unavailable` when it can't be built on this machine, or does not start */
export function playHere(plan: RecordingPlan, onMessage: (message: BusMessage) => void): RunPipeline {
  const pipeline = new Pipeline(plan.launch, onMessage);
  try {
    applySettings(pipeline, plan.settings);
    for (const track of plan.tracks) pipeline.watchFirstBuffer(track);
    pipeline.play();
    return pipeline;
  } catch (thrown) {
    pipeline.close();
    throw thrown;
  }
}
