/** Something a button does at the recorder: whether it is at it, and in words why it could not. */
import { type ReadonlySignal, useSignal } from '@preact/signals';
import { problemText } from '../words/index.ts';

export interface Action {
  readonly busy: ReadonlySignal<boolean>;
  readonly failure: ReadonlySignal<string | null>;
  /** Does it, and gives whether it was done. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>;
}

export function useAction(): Action {
  const busy = useSignal(false);
  const failure = useSignal<string | null>(null);
  const run = async (work: () => Promise<unknown>) => {
    busy.value = true;
    failure.value = null;
    try {
      await work();
      return true;
    } catch (error) {
      failure.value = problemText(error);
      return false;
    } finally {
      busy.value = false;
    }
  };
  return { busy, failure, run };
}
