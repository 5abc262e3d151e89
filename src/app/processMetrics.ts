/** The process, the index and those who are told of events, as numbers for Prometheus. */
import { readdirSync, statSync } from 'node:fs';
import type { MetricFamily } from '../http/ports.ts';

export interface ProcessDoors {
  /** Path of the index database. */
  readonly databasePath: string;
  /** Events that could not be written down. */
  eventsLost(): number;
  alarms(): number;
  mqttOnline(): boolean;
}

export function processMetrics({
  databasePath,
  eventsLost,
  alarms,
  mqttOnline,
}: ProcessDoors): MetricFamily[] {
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const one = (
    type: 'counter' | 'gauge',
    name: string,
    help: string,
    value: number | null,
  ): MetricFamily[] => (value === null ? [] : [{ name, help, type, samples: [{ value }] }]);
  return [
    ...one('counter', 'process_cpu_seconds_total', 'CPU time of all threads.', (user + system) / 1e6),
    ...one('gauge', 'process_resident_memory_bytes', 'Memory in use.', rss),
    ...one('gauge', 'nodejs_heap_used_bytes', 'Memory of the JavaScript heap.', heapUsed),
    ...one('gauge', 'nodejs_external_memory_bytes', 'Memory of buffers outside of the heap.', external),
    ...one('gauge', 'process_open_fds', 'Open file descriptors.', openFiles()),
    ...one('gauge', 'process_uptime_seconds', 'Time since the start.', process.uptime()),
    ...one('gauge', 'nightjar_index_size_bytes', 'Size of the index database.', sizeOf(databasePath)),
    ...one(
      'gauge',
      'nightjar_index_log_size_bytes',
      'Size of its write-ahead log.',
      sizeOf(`${databasePath}-wal`),
    ),
    ...one('counter', 'nightjar_events_lost_total', 'Events that could not be written down.', eventsLost()),
    ...one('gauge', 'nightjar_alarms', 'Alarms that are raised.', alarms()),
    ...one('gauge', 'nightjar_mqtt_online', 'Whether the MQTT broker is connected.', Number(mqttOnline())),
  ];
}

/** Null where the system does not say. */
function openFiles(): number | null {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}

function sizeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}
