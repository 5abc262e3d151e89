/** Everything that has to do with pictures, wired: the decoder and its process, and what is made with them. */
import { availableParallelism, loadavg } from 'node:os';
import type { Archive } from '../archive/archive.ts';
import { FrameFinder } from '../archive/frameFinder.ts';
import { KeyframeFinder } from '../archive/keyframeFinder.ts';
import type { Log } from '../archive/records.ts';
import type { CameraId } from '../domain/ids.ts';
import type { Clock } from '../domain/time.ts';
import type { Zone } from '../domain/zone.ts';
import type { PicturePort } from '../http/picturePort.ts';
import type { MetricFamily } from '../http/ports.ts';
import type { LiveHub } from '../live/hub.ts';
import { LivePictures } from '../live/livePictures.ts';
import type { ViewerRegistry } from '../live/viewers.ts';
import { DECODER_LIMITS, Decoder } from '../media/decoder.ts';
import { DecoderHost } from '../media/decoderHost.ts';
import { PictureStream } from '../media/pictureStream.ts';
import { framesIn, stillMovie } from '../mp4/still.ts';
import type { Fragment, InitSegment } from '../mp4/types.ts';
import { contactSheet } from './contactSheet.ts';
import { PreviewBuilder, type PreviewLimits } from './previewBuilder.ts';
import { Previews } from './previews.ts';
import { SheetMaker } from './sheetMaker.ts';
import { Snapshots } from './snapshots.ts';

export interface PictureParts {
  readonly archive: Pick<Archive, 'cameras' | 'footage' | 'ledger' | 'previews' | 'exporter'>;
  readonly hub: LiveHub;
  readonly viewers: ViewerRegistry;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: PreviewLimits;
  /** Those for which thumbnails are made in advance. */
  readonly cameras: () => readonly CameraId[];
  readonly zone: Zone;
  /** Folder for what lives for milliseconds. */
  readonly runtimeDir: string;
  /** Absolute path of the decoder's program; the one of this build when absent. */
  readonly program?: string;
}

/** A process takes half a second to start, and some 100 MB while it is there. */
const IDLE_MS = 60_000;
/** Pixels. */
const FORM_WIDTH = 640;

export class Pictures {
  readonly #store: Archive['previews'];
  readonly port: PicturePort;
  /** For what else makes pictures. */
  readonly folders: { readonly runtimeDir: string };
  /** The keyframe that a fragment begins with, as small as a form shows it. */
  readonly firstOf: (init: InitSegment, fragment: Fragment) => Promise<Buffer>;
  readonly #stills: DecoderHost;
  /** Has a process of its own: what one camera sends must not end the pictures of another that somebody waits for. */
  readonly #lives: DecoderHost;
  readonly #live: LivePictures;
  readonly #builder: PreviewBuilder;

  constructor(parts: PictureParts) {
    const { archive, hub, viewers, clock, zone, log, runtimeDir: folder, program } = parts;
    const { footage, ledger, previews: store } = archive;
    const options = { idleMs: IDLE_MS, ...(program === undefined ? {} : { program }) };
    this.#store = store;
    this.#stills = new DecoderHost(options);
    this.#lives = new DecoderHost(options);
    const decoder = new Decoder({ host: this.#stills, folder, ...DECODER_LIMITS });
    const finder = new FrameFinder(archive);
    const keyframes = new KeyframeFinder({ footage, ledger, disk: archive.exporter.disk });
    const maker = new SheetMaker({ keyframes, decoder });
    const previews = new Previews({ keyframes, maker, store, ledger, clock, log });
    this.#builder = new PreviewBuilder({
      ...{ previews, store, clock, log },
      cameras: parts.cameras,
      limits: parts.limits,
      cpuSeconds: () => this.#stills.cpuSeconds,
      load: () => (loadavg()[0] ?? 0) / availableParallelism(),
    });
    this.folders = { runtimeDir: folder };
    this.firstOf = async (init, { chunks }) => {
      const movie = stillMovie(init, framesIn(Buffer.concat(chunks)), 0);
      return await decoder.picture(init.video, movie, Math.min(init.video.width, FORM_WIDTH));
    };
    const snapshots = new Snapshots({ hub, finder, footage, decoder, clock, zone });
    this.#live = new LivePictures({
      ...{ hub, viewers, clock },
      open: ({ init }, size, events) =>
        PictureStream.open({ host: this.#lives, folder, init, ...size }, events),
    });
    this.port = {
      snapshot: async (camera, request) => {
        archive.cameras.expectKnown(camera);
        return await snapshots.of(camera, request);
      },
      watch: (camera, size, user, viewer) => this.#live.watch(camera, size, user, viewer),
      previews: (camera, interval, step) => {
        archive.cameras.expectKnown(camera);
        // Whoever asks for the list will want a picture soon.
        this.#stills.warm();
        return previews.list(camera, interval, step);
      },
      sheet: (camera, request) => previews.sheet(camera, request),
      contactSheet: (camera, interval, width) => {
        archive.cameras.expectKnown(camera);
        return contactSheet({ keyframes, maker, ledger, zone }, camera, interval, width);
      },
    };
  }

  /** Begins to make thumbnails in advance. */
  start(): void {
    this.#builder.start();
  }

  /** What pictures cost. */
  metrics(): MetricFamily[] {
    return [
      {
        name: 'nightjar_decoder_cpu_seconds_total',
        help: 'Processor time that decoding pictures has cost, by what they are for.',
        type: 'counter',
        samples: [
          { labels: { purpose: 'stills' }, value: this.#stills.cpuSeconds },
          { labels: { purpose: 'live' }, value: this.#lives.cpuSeconds },
        ],
      },
      {
        name: 'nightjar_preview_bytes',
        help: 'Size of all sheets of thumbnails on the disk.',
        type: 'gauge',
        samples: [{ value: this.#store.bytes }],
      },
      {
        name: 'nightjar_live_picture_decoders',
        help: 'Cameras that are decoded now because somebody watches them as pictures.',
        type: 'gauge',
        samples: [{ value: this.#live.projectors }],
      },
    ];
  }

  close(): void {
    this.#builder.close();
    this.#live.close();
    this.#lives.close();
    this.#stills.close();
  }
}
