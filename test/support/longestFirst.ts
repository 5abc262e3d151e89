/**
 * The order of the test files: those that take long first, so that the workers end together; of the others, larger
 * ones first. Those that share a process (`isolate: false`) are short, and follow one another at the end: the process
 * is kept for as long as the next file is one of them.
 */
import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Seconds that files take from their first hook to their last on a machine of two processors, where that is more than 20. */
const SECONDS: Readonly<Record<string, number>> = {
  'archive/export': 84,
  'archive/space': 40,
  'e2e/dashboard': 80,
  'e2e/dashboardHeap': 60,
  'e2e/dashboardJourneys': 90,
  'e2e/dashboardLists': 40,
  'e2e/dashboardLooks': 70,
  'e2e/dashboardSession': 55,
  'e2e/dashboardTimeline': 60,
  'e2e/dashboardTrust': 85,
  'e2e/holding': 30,
  'e2e/legacy': 35,
  'e2e/liveHls': 50,
  'e2e/playback': 75,
  'e2e/recordCommand': 65,
  'e2e/sourcesPlay': 65,
  'e2e/whep': 60,
  'media/capture': 25,
  'media/encode': 29,
  'media/faults': 31,
  'media/probe': 21,
  'media/rtspFaults': 30,
  'media/rtspServer': 53,
  'media/sources': 73,
};

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const bySize = await super.sort(files);
    return bySize.sort((a, b) => rank(b) - rank(a));
  }
}

/** Higher is earlier. */
function rank({ moduleId, project }: TestSpecification): number {
  if (!project.config.isolate) return -1;
  const name = path.relative(path.join(project.config.root, 'test'), moduleId).replace(/\.test\.ts$/, '');
  return SECONDS[name] ?? 0;
}
