/**
 * The program of a process in which one source is opened, a capture device or a HLS camera: looks at it, or plays one
 * pipeline and tells what its bus says. It ends with that pipeline, or with the recorder.
 */
import '../inherited.ts';
import { messageOf } from '../domain/errors.ts';
import type { BusMessage } from './busMessage.ts';
import { type FromCapture, machineMs, type ToCapture } from './captureHost.ts';
import { offerOf } from './deviceOffer.ts';
import { pumpEvery, startGst } from './gst.ts';
import { Pipeline } from './pipeline.ts';
import { applySettings } from './plan.ts';
import { probe, probeSound } from './probe.ts';
import { DEVICE_CAPS } from './sources.ts';
import { TAP_PREFIX } from './tap.ts';

/** Less than the shortest fragment: what arrives in a new format is not read before it is told. */
const LOOK_MS = 40;
const PUMP_MS = 8;
/** How long a pipeline that does not start is given to say why. */
const REASON_MS = 500;
/** What the recorder may want to know of pads, where the pipeline has them. */
const WATCHED = [
  ['video', 'src'],
  [DEVICE_CAPS, 'src'],
  [`${TAP_PREFIX}audio-pay`, 'src'],
] as const;

let pipeline: Pipeline | null = null;
let watched: readonly (readonly [string, string])[] = [];
const told = new Map<string, string>();

function tell(message: FromCapture): void {
  // The recorder may be gone already.
  process.send?.(message, undefined, undefined, () => undefined);
}

function hear(message: BusMessage): void {
  tellCaps();
  tell({ type: 'message', message, tie: { machineMs: machineMs(), runningMs: pipeline?.runningMs() ?? 0 } });
}

function tellCaps(): void {
  for (const [element, pad] of watched) {
    const caps = pipeline?.padCaps(element, pad) ?? null;
    const at = `${element}.${pad}`;
    if (caps === null || caps === told.get(at)) continue;
    told.set(at, caps);
    tell({ type: 'caps', at, caps });
  }
}

function play({ plan, tracks }: Extract<ToCapture, { type: 'play' }>): void {
  try {
    const made = new Pipeline(plan.launch, hear);
    pipeline = made;
    applySettings(made, plan.settings);
    watched = WATCHED.filter(([element]) => made.has(element));
    for (const track of tracks) made.watchFirstBuffer(track);
    setInterval(tellCaps, LOOK_MS);
    made.play();
  } catch (thrown) {
    // As a rule the bus says why, a moment later.
    const error = { element: 'source', domain: '', code: 0, message: messageOf(thrown), debug: '' };
    setTimeout(() => hear({ type: 'error', ...error }), REASON_MS);
  }
}

async function obey(message: ToCapture): Promise<void> {
  switch (message.type) {
    case 'probe':
      return tell({ type: 'probed', result: await probe(message.source) });
    case 'hear':
      return tell({ type: 'heard', failure: await probeSound(message.source) });
    case 'offer':
      return tell({ type: 'offered', offer: await offerOf(message.device) });
    case 'play':
      return play(message);
    case 'set':
      return pipeline?.set(message.element, message.property, message.value);
    case 'act':
      return pipeline?.act(message.element, message.signal, ...message.values);
    case 'eos':
      return pipeline?.end();
    case 'close':
      pipeline?.close();
      process.exit();
  }
}

startGst([]);
pumpEvery(PUMP_MS);
process.on('message', (message: ToCapture) => void obey(message));
process.on('disconnect', () => process.exit());
// The recorder ends it, when it has what it still waits for.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
tell({ type: 'ready' });
