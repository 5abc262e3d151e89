/** The marked part as files: one when it can be one, more where its format changes or gaps are to split it. */
import '../styles/exports.css';
import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ExportPartView } from '../../types/api.ts';
import { cameraById } from '../core/fleet.ts';
import { dateText, durationText, offsetText, secondsText } from '../core/format.ts';
import type { Interval } from '../time/zone.ts';
import { Note } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { problemText, words } from '../words/index.ts';
import { fileUrl, type GapsAs, partsOf } from './clip.ts';
import { FileRow } from './fileRow.tsx';
import { QueueButton } from './queueButton.tsx';
import { LARGEST_HASHED, Saving } from './saving.ts';

interface ClipDialogProps extends Interval {
  /** The first is the one whose files are offered here. */
  readonly cameras: readonly string[];
  readonly onClose: () => void;
}

interface Row {
  readonly part: ExportPartView;
  readonly saving: Saving;
}

/** With two pieces closer than this there was no gap: the format changed. */
const GAP_MS = 1_000;

export function ClipDialog({ cameras, startMs, endMs, onClose }: ClipDialogProps) {
  const { clip } = words.value;
  const [camera = ''] = cameras;
  const gaps = useSignal<GapsAs>('close');
  const rows = useSignal<readonly Row[] | null>(null);
  const failure = useSignal<string | null>(null);
  useEffect(() => {
    const wanted = { camera, startMs, endMs, gaps: gaps.value };
    const shown = new AbortController();
    rows.value = null;
    void load(wanted, rows, failure, shown.signal);
    return () => {
      shown.abort();
      for (const { saving } of rows.peek() ?? []) saving.cancel();
    };
  }, [gaps.value]);
  return (
    <Dialog title={clip.title} onClose={onClose} wide tells>
      <Summary camera={camera} startMs={startMs} endMs={endMs} />
      <GapsChoice gaps={gaps} rows={rows.value ?? []} endMs={endMs} startMs={startMs} />
      {failure.value && <Note kind="bad">{failure.value}</Note>}
      {!rows.value && !failure.value && <p role="status">{words.value.common.loading}</p>}
      {rows.value && <Files rows={rows.value} />}
      <QueueButton cameras={cameras} files={rows.value?.length ?? 1} startMs={startMs} endMs={endMs} />
    </Dialog>
  );
}

function Summary({ camera, startMs, endMs }: { readonly camera: string } & Interval) {
  const text = (ms: number) => `${dateText(ms)} ${secondsText(ms)} ${offsetText(ms)}`;
  return (
    <dl class="facts">
      <div>
        <dt>{words.value.clip.camera}</dt>
        <dd>{cameraById.value.get(camera)?.name ?? camera}</dd>
      </div>
      <div>
        <dt>{words.value.clip.from}</dt>
        <dd>{text(startMs)}</dd>
      </div>
      <div>
        <dt>{words.value.clip.to}</dt>
        <dd>{text(endMs)}</dd>
      </div>
      <div>
        <dt>{words.value.clip.length}</dt>
        <dd>{durationText(endMs - startMs)}</dd>
      </div>
    </dl>
  );
}

interface GapsChoiceProps extends Interval {
  readonly gaps: Signal<GapsAs>;
  readonly rows: readonly Row[];
}

/** Asked only where there is a gap. */
function GapsChoice({ gaps, rows, startMs, endMs }: GapsChoiceProps) {
  const { clip } = words.value;
  const recorded = rows.reduce((sum, { part }) => sum + part.recordedMs, 0);
  if (gaps.value === 'close' && (rows.length === 0 || endMs - startMs - recorded < GAP_MS)) return null;
  return (
    <fieldset class="setting">
      <legend>{clip.gaps}</legend>
      <div class="segments">
        {(['close', 'split'] as const).map((each) => (
          <label key={each}>
            <input
              type="radio"
              name="gaps"
              checked={gaps.value === each}
              onChange={() => {
                gaps.value = each;
              }}
            />
            <span>{clip.gapsAs[each]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Files({ rows }: { readonly rows: readonly Row[] }) {
  const { clip } = words.value;
  if (rows.length === 0) return <Note kind="info">{clip.nothing}</Note>;
  return (
    <>
      {rows.length > 1 && <p class="muted">{clip.several(rows.length)}</p>}
      <ul class="plain-list">
        {rows.map(({ part, saving }) => (
          <FileRow key={saving.url} saving={saving} {...part} />
        ))}
      </ul>
      <p class="muted">{clip.untouched}</p>
    </>
  );
}

/** A clip that is one file is fetched at once: this is what the user came for. */
async function load(
  wanted: Parameters<typeof partsOf>[0],
  rows: Signal<readonly Row[] | null>,
  failure: Signal<string | null>,
  shown: AbortSignal,
): Promise<void> {
  failure.value = null;
  try {
    const parts = await partsOf(wanted);
    if (shown.aborted) return;
    const made = parts.map((part) => ({
      part,
      saving: new Saving(fileUrl(wanted, parts.length > 1 ? part.part : null)),
    }));
    rows.value = made;
    const heads = await Promise.all(made.map(({ saving }) => saving.look()));
    const [only] = made;
    if (made.length === 1 && only && !shown.aborted && (heads[0]?.bytes ?? 0) <= LARGEST_HASHED)
      await only.saving.start();
  } catch (error) {
    failure.value = problemText(error);
  }
}
