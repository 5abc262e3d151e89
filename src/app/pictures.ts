/** Everything that has to do with pictures, wired: the decoder and its process, and what is made with them. */
import type { Archive } from '../archive/archive.ts';
import { FrameFinder } from '../archive/frameFinder.ts';
import type { Clock } from '../domain/time.ts';
import type { Zone } from '../domain/zone.ts';
import type { PicturePort } from '../http/picturePort.ts';
import type { MetricFamily } from '../http/ports.ts';
import type { LiveHub } from '../live/hub.ts';
import { DECODER_LIMITS, Decoder } from '../media/decoder.ts';
import { DecoderHost } from '../media/decoderHost.ts';
import { Snapshots } from './snapshots.ts';

export interface PictureParts {
  readonly archive: Pick<Archive, 'footage' | 'ledger'>;
  readonly hub: LiveHub;
  readonly clock: Clock;
  readonly zone: Zone;
  /** Folder for what lives for milliseconds. */
  readonly runtimeDir: string;
  /** Absolute path of the decoder's program; the one of this build when absent. */
  readonly program?: string;
}

/** A process takes half a second to start, and some 100 MB while it is there. */
const IDLE_MS = 60_000;

export class Pictures {
  readonly port: PicturePort;
  readonly #stills: DecoderHost;

  constructor({ archive, hub, clock, zone, runtimeDir, program }: PictureParts) {
    const options = { idleMs: IDLE_MS, ...(program === undefined ? {} : { program }) };
    this.#stills = new DecoderHost(options);
    const decoder = new Decoder({ host: this.#stills, folder: runtimeDir, ...DECODER_LIMITS });
    const finder = new FrameFinder(archive);
    const snapshots = new Snapshots({ hub, finder, decoder, clock, zone });
    this.port = { snapshot: (camera, request) => snapshots.of(camera, request) };
  }

  /** What pictures cost. */
  metrics(): MetricFamily[] {
    return [
      {
        name: 'nightjar_decoder_cpu_seconds_total',
        help: 'Processor time that decoding pictures has cost, by what they are for.',
        type: 'counter',
        samples: [{ labels: { purpose: 'stills' }, value: this.#stills.cpuSeconds }],
      },
    ];
  }

  close(): void {
    this.#stills.close();
  }
}
