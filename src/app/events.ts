/** Joins what happens with who wants to hear of it: sources of events in, the bus, what is done with them out. */
import { join } from 'node:path';
import type { Archive } from '../archive/archive.ts';
import type { StoredCamera, VolumeStatus } from '../archive/storageReport.ts';
import type { Surroundings } from '../cameras/doors.ts';
import type { Fleet } from '../cameras/fleet.ts';
import type { Config } from '../config.ts';
import type { AddressRules } from '../domain/addressPolicy.ts';
import type { FolderSight, ForecastSight } from '../domain/alarmConditions.ts';
import { gapEnded } from '../domain/cameraNews.ts';
import { messageOf } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import { type Clock, DAY_MS } from '../domain/time.ts';
import type { EventPorts, LogsPort } from '../http/eventPort.ts';
import type { MetricFamily } from '../http/ports.ts';
import { AlarmWatch } from './alarmWatch.ts';
import { CameraEvents } from './cameraEvents.ts';
import { CameraMeters } from './cameraMeters.ts';
import { EventBus } from './eventBus.ts';
import { eventsPort } from './eventsPort.ts';
import { MqttLink } from './mqttLink.ts';
import { type MqttDoor, mqttPort, startMqtt } from './mqttPort.ts';
import { processMetrics } from './processMetrics.ts';
import { RetentionEvents } from './retentionEvents.ts';
import { VolumeEvents } from './volumeEvents.ts';
import { webhookSender } from './webhookSender.ts';
import { Webhooks } from './webhooks.ts';
import { type WebhookDoor, webhooksPort } from './webhooksPort.ts';

export interface HappeningsLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const LOOK_MS = 2_000;
const PRUNE_MS = 60_000;
/** Between two slices, so that nobody waits for what is forgotten. */
const PRUNE_PAUSE_MS = 50;

export class Happenings {
  readonly bus: EventBus;
  readonly #archive: Archive;
  readonly #config: Config;
  readonly #clock: Clock;
  readonly #log: HappeningsLog;
  readonly #cameras: CameraEvents;
  readonly #meters: CameraMeters;
  readonly #volumes: VolumeEvents;
  readonly #watches: (() => void)[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #starts: (() => void)[] = [];
  readonly #prunes: (() => void)[] = [];
  readonly #ends: (() => Promise<void>)[] = [];
  #prune: NodeJS.Timeout | undefined;

  constructor(archive: Archive, config: Config, clock: Clock, log: HappeningsLog) {
    this.#archive = archive;
    this.#config = config;
    this.#clock = clock;
    this.#log = log;
    this.bus = new EventBus(archive.events, clock, log);
    const publish = this.bus.publish.bind(this.bus);
    this.#cameras = new CameraEvents(publish);
    this.#meters = new CameraMeters(clock);
    const retention = new RetentionEvents(publish, () => clock.monotonic());
    archive.retention.tellDeleted((segments) => retention.hear(segments));
    this.#watches.push(() => retention.look());
    this.#volumes = new VolumeEvents({
      volumes: () =>
        archive.storage.volumes().map(({ id, path, health, damaged }) => ({
          ...{ id, path, trouble: health.reason, damagedFiles: damaged.files },
        })),
      foundDamaged: (path) => archive.recovery.damaged.filter((file) => file.startsWith(`${path}/`)).length,
      publish,
    });
  }

  /** The same surroundings, and whatever cameras do through them is told. */
  overhear(around: Surroundings): Surroundings {
    return this.#meters.overhear(this.#cameras.overhear(around));
  }

  /** For the API, over the cameras. */
  ports(
    fleet: Fleet,
    logs: LogsPort,
  ): EventPorts & { webhooks: WebhookDoor; mqtt: MqttDoor; metrics(): MetricFamily[] } {
    const { bus } = this;
    const knows = (id: CameraId) => this.#archive.cameras.knows(id);
    const alarms = this.#watchAlarms(fleet);
    const link = this.#mqttLink(fleet);
    const mqtt = this.#mqttPort(link);
    return {
      events: eventsPort({ bus, store: this.#archive.events, knows, clock: this.#clock }),
      alarms: { list: () => alarms.list(), acknowledge: (id, user) => alarms.acknowledge(id, user) },
      webhooks: this.#webhooksPort(fleet),
      mqtt,
      logs,
      metrics: () => [
        ...this.#meters.families(fleet.list()),
        ...processMetrics({
          databasePath: join(this.#config.stateDir, 'nightjar.db'),
          eventsLost: () => bus.lost,
          alarms: () => alarms.list().length,
          mqttOnline: () => link.state === 'online',
        }),
      ],
    };
  }

  /** Tells of the start and what was missed before it; from now on everything is watched. */
  start(version: string): void {
    const { interrupted, openGaps } = this.#archive.recovery;
    const text =
      interrupted.length > 0 ? 'The recorder was started after it was cut off.' : 'The recorder was started.';
    this.bus.publish({
      kind: 'system',
      text,
      data: { version, crashed: interrupted.length > 0 },
    });
    const endMs = this.#clock.now();
    for (const { cameraId, startMs } of openGaps)
      this.bus.publish(gapEnded(cameraId, 'shutdown', { startMs, endMs }));
    for (const { cameraId, endMs: startMs } of interrupted)
      this.bus.publish(gapEnded(cameraId, 'recorder-down', { startMs, endMs }));
    this.#watches.push(() => this.#volumes.look());
    for (const watch of this.#watches) this.#every(LOOK_MS, watch);
    this.#pruneLater(PRUNE_MS);
    for (const start of this.#starts) start();
  }

  /** To be called before the cameras are closed: that they go is no news. */
  stopping(): void {
    this.#cameras.close();
    if (this.#timers.size > 0) this.bus.publish({ kind: 'system', text: 'The recorder was stopped.' });
  }

  /** After the cameras, before the archive. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#prune);
    this.bus.close();
    await Promise.all(this.#ends.map((end) => end()));
  }

  get #addressRules(): AddressRules {
    return { webhooksToLoopback: this.#config.webhooksToLoopback };
  }

  /** A secret that can't be opened, because the key is another one, is empty until it is given anew. */
  #secretsOf(context: string) {
    const { vault } = this.#archive;
    return {
      seal: (secret: string) => vault.seal(secret, context),
      open: (sealed: string) => vault.open(sealed, context) ?? '',
    };
  }

  #webhooksPort(fleet: Fleet): WebhookDoor {
    const rules = this.#addressRules;
    const doors = { store: this.#archive.webhooks, clock: this.#clock };
    const secrets = this.#secretsOf('webhook');
    const webhooks = new Webhooks({
      ...doors,
      send: webhookSender(rules),
      log: this.#log,
      open: secrets.open,
      nameOf: (id) => fleet.list().find(({ camera }) => camera.id === id)?.camera.name ?? null,
      random: Math.random,
    });
    this.bus.subscribe((event, change) => {
      if (change === 'added') webhooks.hear(event);
    });
    this.#prunes.push(() => webhooks.prune());
    this.#starts.push(() => webhooks.start());
    this.#ends.push(() => webhooks.close());
    return webhooksPort({ ...doors, webhooks, rules, seal: secrets.seal });
  }

  #mqttLink(fleet: Fleet): MqttLink {
    const link = new MqttLink({
      log: this.#log,
      cameras: () => fleet.list(),
      record: async (id, on) => {
        const { camera } = on ? fleet.startRecording(id) : fleet.stopRecording(id);
        const text = `MQTT: ${on ? 'Start' : 'Stop'} recording by hand.`;
        this.bus.publish({ kind: 'configuration', cameraId: camera.id, text, data: { user: 'MQTT' } });
      },
    });
    this.bus.subscribe((event, change) => {
      if (change === 'added') link.hear(event);
    });
    this.#watches.push(() => link.look());
    this.#ends.push(() => link.close());
    return link;
  }

  #mqttPort(link: MqttLink): MqttDoor {
    const doors = {
      settings: this.#archive.settings,
      link,
      rules: this.#addressRules,
      ...this.#secretsOf('mqtt'),
    };
    this.#starts.push(() => startMqtt(doors));
    return mqttPort(doors);
  }

  #watchAlarms(fleet: Fleet): AlarmWatch {
    const { alarmSeconds, alarmDays } = this.#config;
    const { storage } = this.#archive;
    const alarms = new AlarmWatch({
      clock: this.#clock,
      rules: { notDurableMs: alarmSeconds * 1000, keptMs: alarmDays === 0 ? null : alarmDays * DAY_MS },
      cameras: () => fleet.list(),
      folders: () => storage.volumes().map(folderSight),
      forecast: () => storage.report().cameras.map(forecastSight),
      publish: (draft) => this.bus.publish(draft),
    });
    this.#watches.push(() => alarms.look());
    return alarms;
  }

  /** What goes wrong is told by the log and does not end the watch. */
  #every(ms: number, work: () => void): void {
    const guarded = (): void => {
      try {
        work();
      } catch (thrown) {
        this.#log.error({ reason: messageOf(thrown) }, 'watching for events failed');
      }
    };
    this.#timers.add(setInterval(guarded, ms).unref());
  }

  #pruneLater(ms: number): void {
    this.#prune = setTimeout(
      () => this.#pruneLater(this.#pruneSome() > 0 ? PRUNE_PAUSE_MS : PRUNE_MS),
      ms,
    ).unref();
  }

  #pruneSome(): number {
    const { eventDays, mostEvents } = this.#config;
    try {
      for (const prune of this.#prunes) prune();
      const limits = { mostAgeMs: eventDays * DAY_MS, most: mostEvents };
      return this.#archive.events.prune(this.#clock.now(), limits);
    } catch (thrown) {
      this.#log.error({ reason: messageOf(thrown) }, 'old events could not be forgotten');
      return 0;
    }
  }
}

function folderSight({ id, path, health, alarm }: VolumeStatus): FolderSight {
  const usable = health.state === 'ok' || health.state === 'full';
  return { id, path, trouble: usable ? null : health.reason, full: alarm !== null };
}

function forecastSight({ cameraId, keptMs, limit, unmet }: StoredCamera): ForecastSight {
  return { cameraId, keptMs: limit === 'space' ? keptMs : null, unmet };
}
