/** What becomes of one thing of a file of settings: said in a plan, and stored together with the others. */
import { isDeepStrictEqual } from 'node:util';
import type { ImportPlan } from '../http/wire/settings.ts';

export type Step = ImportPlan['steps'][number];

export interface Change {
  readonly step: Step;
  /** Stores it; waits for nothing. */
  store(): void;
}

/** @param fields that change; null when it was not there before @param store not called when nothing changes */
export function changeOf(
  kind: Step['kind'],
  name: string,
  fields: readonly string[] | null,
  store: () => void,
): Change {
  const action = fields === null ? 'add' : fields.length > 0 ? 'change' : 'leave';
  const step: Step = { kind, name, action, fields: [...(fields ?? [])] };
  return { step, store: action === 'leave' ? () => undefined : store };
}

/** Which of these are not the same. */
export function differing<T extends object>(
  before: T,
  after: T,
  names: readonly (keyof T & string)[],
): string[] {
  return names.filter((name) => !isDeepStrictEqual(before[name], after[name]));
}
