/** Joins what finds footage: the timeline and its levels, how much moves, and exports in the background. */
import { join } from 'node:path';
import type { ActivityStore } from '../archive/activityStore.ts';
import type { Archive } from '../archive/archive.ts';
import { RecorderKey } from '../archive/recorderKey.ts';
import type { Surroundings } from '../cameras/doors.ts';
import type { Fleet } from '../cameras/fleet.ts';
import type { Config } from '../config.ts';
import { checkRule } from '../domain/activityTrigger.ts';
import { messageOf } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import { type Clock, DAY_MS } from '../domain/time.ts';
import type { ActivityPort, ExportJobPort, FindingPorts } from '../http/finding.ts';
import { type BurnRequest, burnCaptions } from '../media/burn.ts';
import { DecoderHost } from '../media/decoderHost.ts';
import type { Encoders } from '../media/encoders.ts';
import { remuxToTs } from '../media/remux.ts';
import { ActivityWatch } from './activityWatch.ts';
import type { EventBus } from './eventBus.ts';
import { exportJobPort } from './exportJobPort.ts';
import { ExportJobs } from './exportJobs.ts';
import { makeExport } from './exportMaker.ts';
import { nameOf } from './exportPort.ts';
import { timelinePort } from './timelinePort.ts';

export interface FindingLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How often the levels of the timeline are brought up to date, and how long that may take each time. */
const CATCH_UP_EVERY_MS = 1_000;
const CATCH_UP_MS = 10;
const ENCODING_IDLE_MS = 5_000;

export class Finding {
  readonly watch = new ActivityWatch();
  readonly #version: string;
  readonly #config: Config;
  readonly #clock: Clock;
  readonly #log: FindingLog;
  /** Its process is there while something is encoded, and a moment longer. */
  readonly #encoding = new DecoderHost({ idleMs: ENCODING_IDLE_MS });
  #rules: ActivityStore | null = null;
  #jobs: ExportJobs | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(version: string, config: Config, clock: Clock, log: FindingLog) {
    this.#version = version;
    this.#config = config;
    this.#clock = clock;
    this.#log = log;
  }

  /** The same surroundings, whose fragments are looked at as they pass. */
  overhear(around: Surroundings): Surroundings {
    return {
      ...around,
      ring: (id) => {
        const ring = around.ring(id);
        return {
          push: (entry) => {
            ring.push(entry);
            this.watch.observe(id, entry);
          },
          get entries() {
            return ring.entries;
          },
        };
      },
      dropRing: (id) => {
        around.dropRing(id);
        this.watch.drop(id);
        this.#rules?.forget(id);
      },
    };
  }

  /** For the API, over the archive and the cameras. */
  ports(archive: Archive, fleet: Fleet, encoders: Encoders): FindingPorts {
    const { footage, missing, cameras, finding } = archive;
    const door = { footage, missing, timeline: finding.timeline, cameras, activity: this.watch };
    return {
      timeline: timelinePort(door, this.#clock, this.#config.timeZone),
      activity: this.#activityPort(archive, fleet),
      jobs: this.#jobPort(archive, encoders),
    };
  }

  /** From now on levels are kept up to date, and activity is told. */
  start(archive: Archive, bus: EventBus): void {
    this.#rules = archive.finding.activity;
    this.watch.tell({ rules: this.#rules, bus, log: this.#log, zone: this.#config.timeZone });
    this.#timer = setInterval(() => this.#catchUp(archive), CATCH_UP_EVERY_MS).unref();
  }

  /** After the cameras, before the events. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.watch.close();
    await this.#jobs?.close();
    this.#encoding.close();
  }

  #catchUp({ finding: { timeline } }: Archive): void {
    const until = this.#clock.monotonic() + CATCH_UP_MS;
    try {
      timeline.catchUp(() => this.#clock.monotonic() < until);
    } catch (thrown) {
      this.#log.error({ reason: messageOf(thrown) }, 'the timeline could not be brought up to date');
    }
  }

  #activityPort({ finding: { activity } }: Archive, fleet: Fleet): ActivityPort {
    const view = (id: CameraId) => ({ ...activity.get(id), now: this.watch.now(id) });
    return {
      rule: (id) => view(fleet.get(id).camera.id),
      setRule: (id, input) => {
        activity.set(fleet.get(id).camera.id, checkRule(input));
        return view(id);
      },
    };
  }

  #jobPort(archive: Archive, encoders: Encoders): ExportJobPort {
    const { stateDir, exportDir, exportDays, timeZone: zone } = this.#config;
    const { exporter, footage, cameras, settings, finding } = archive;
    const key = RecorderKey.open(stateDir);
    const doors = {
      ...{ exporter, key, zone, clock: this.#clock, remux: remuxToTs },
      burn: (request: BurnRequest) => burnCaptions(this.#encoding, encoders, request),
      gaps: footage.gaps.bind(footage),
      nameOf: (id: CameraId) => nameOf(cameras, id),
      installation: settings.get('installation') ?? '',
      software: `Nightjar ${this.#version}`,
    };
    const keepMs = exportDays * DAY_MS;
    const jobs = new ExportJobs({
      ...{ store: finding.exportJobs, keepMs, clock: this.#clock, log: this.#log },
      folder: exportDir ?? join(stateDir, 'exports'),
      make: (job, making) => makeExport(job, doors, making),
    });
    this.#jobs = jobs;
    // Here, because the cameras are started before there is anything to order an export with.
    void jobs.start();
    return exportJobPort(
      { jobs, key: key.fingerprint, keepMs, knows: (id) => cameras.knows(id) },
      this.#clock,
    );
  }
}
