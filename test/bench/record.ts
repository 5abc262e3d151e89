/** Recording, beside what else records: CPU, memory and frames of all subjects in turn on the same cameras. */
import { type Cameras, startCameras } from './cameras.ts';
import { installedPeers } from './peers.ts';
import { mebibytes, rounded, type Scenario, type Settings, type Table } from './scenario.ts';
import { sum } from './statistics.ts';
import { nightjar, nightjarAlone, type Subject } from './subjects.ts';
import { type Costs, type Frames, framesOf, measure, medianCosts } from './trial.ts';

interface Trial {
  readonly costs: Costs;
  readonly frames: Frames;
}

export const record: Scenario = {
  describes: 'recording beside ffmpeg and a bare pipeline: CPU, memory, frames',
  async run(settings, say) {
    const tables: Table[] = [];
    for (const count of settings.cameras) tables.push(await compare(count, settings, say));
    return tables;
  },
};

async function compare(count: number, settings: Settings, say: (line: string) => void): Promise<Table> {
  const { only, repeat } = settings;
  const subjects = [nightjar, nightjarAlone, ...installedPeers()].filter(
    ({ name, most = count }) => count <= most && (only.length === 0 || only.includes(name)),
  );
  const trials = new Map<Subject, Trial[]>(subjects.map((subject) => [subject, []]));
  const cameras = await startCameras(count);
  try {
    for (let round = 0; round < repeat; round++) {
      for (const [subject, done] of trials) {
        const trial = await tryOnce(subject, cameras, settings);
        done.push(trial);
        const { cpuPercent, pssBytes } = trial.costs;
        say(`${count} cameras, ${subject.name}: ${cpuPercent.toFixed(1)} %, ${mebibytes(pssBytes)} MiB`);
      }
    }
  } finally {
    await cameras.server.close();
  }
  return tableOf(count, trials);
}

async function tryOnce(subject: Subject, cameras: Cameras, settings: Settings): Promise<Trial> {
  const recording = await subject.start(cameras.list);
  try {
    const costs = await measure(recording, settings);
    await recording.stop();
    return { costs, frames: await framesOf(recording, cameras.list) };
  } finally {
    await recording.discard();
  }
}

function tableOf(count: number, trials: ReadonlyMap<Subject, readonly Trial[]>): Table {
  const costs = [...trials].map(([subject, done]) => [subject, medianCosts(done.map((each) => each.costs))]);
  const medians = new Map<Subject, Costs>(costs as [Subject, Costs][]);
  const ours = medians.get(nightjar);
  const ratio = (pick: (cost: Costs) => number, cost: Costs | undefined) =>
    ours === undefined || cost === undefined ? null : rounded(pick(ours) / pick(cost), 2);
  const rows = [...trials].map(([subject, done]) => {
    const cost = medians.get(subject);
    const of = (pick: (frames: Frames) => number) => sum(done.map(({ frames }) => pick(frames)));
    return {
      subject: subject.name,
      'CPU %': rounded(cost?.cpuPercent ?? Number.NaN, 1),
      'nightjar/it': ratio(({ cpuPercent }) => cpuPercent, cost),
      'PSS MiB': mebibytes(cost?.pssBytes ?? Number.NaN),
      'nightjar/it PSS': ratio(({ pssBytes }) => pssBytes, cost),
      threads: cost?.threads ?? null,
      fds: cost?.descriptors ?? null,
      'switches/s': rounded(cost?.switchesPerSecond ?? Number.NaN),
      'loop p99 ms': cost?.loopDelayMs == null ? null : rounded(cost.loopDelayMs, 1),
      frames: of(({ onDisk }) => onDisk),
      lost: of(({ lost }) => lost),
      doubled: of(({ doubled }) => doubled),
    };
  });
  return { title: `record ${count} cameras`, rows };
}
