/** The stores of what finds footage and takes it away. */
import { ActivityStore } from './activityStore.ts';
import type { Database } from './database.ts';
import { ExportJobStore } from './exportJobStore.ts';
import { TimelineStore } from './timelineStore.ts';

export class FindingStores {
  /** What there is over time, in cells of several lengths. */
  readonly timeline: TimelineStore;
  /** When activity is an event. */
  readonly activity: ActivityStore;
  /** Exports that are made in the background. */
  readonly exportJobs: ExportJobStore;

  constructor(database: Database) {
    this.timeline = new TimelineStore(database);
    this.activity = new ActivityStore(database);
    this.exportJobs = new ExportJobStore(database);
  }
}
