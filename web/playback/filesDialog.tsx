/** The files that hold the marked part: each plays on its own, in any player. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { SegmentList, SegmentView } from '../../types/api.ts';
import { apiUrl, get } from '../core/api.ts';
import { cameraById } from '../core/fleet.ts';
import { bytesText, dateText, durationText, secondsText } from '../core/format.ts';
import type { Interval } from '../time/zone.ts';
import { Note } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { problemText, words } from '../words/index.ts';
import { cameraId, marks, playhead } from './model.ts';

const MOST = 200;

interface Found {
  readonly files: readonly SegmentView[];
  readonly more: boolean;
}

export function FilesDialog({ onClose }: { readonly onClose: () => void }) {
  const { play, common } = words.value;
  const found = useSignal<Found | null>(null);
  const failure = useSignal<string | null>(null);
  const range = markedRange();
  const camera = cameraId.value ?? '';
  useEffect(() => {
    load(camera, range).then(
      (files) => {
        found.value = files;
      },
      (error: unknown) => {
        failure.value = problemText(error);
      },
    );
  }, []);
  return (
    <Dialog title={play.files} onClose={onClose}>
      <p>
        <strong>{cameraById.value.get(camera)?.name}</strong>
        <br />
        {dateText(range.startMs)} {secondsText(range.startMs)} – {secondsText(range.endMs)}
      </p>
      <p class="muted">{play.filesText}</p>
      {failure.value && <Note kind="bad">{failure.value}</Note>}
      {!found.value && !failure.value && <p role="status">{common.loading}</p>}
      {found.value && <Files found={found.value} />}
    </Dialog>
  );
}

function Files({ found }: { readonly found: Found }) {
  const { play } = words.value;
  if (found.files.length === 0) return <Note kind="info">{play.noFiles}</Note>;
  return (
    <ul class="plain-list files">
      {found.files.map((file) => (
        <li key={file.id}>
          <span>
            {secondsText(file.startMs)} – {secondsText(file.endMs)}
            <span class="muted">
              {' '}
              {durationText(file.endMs - file.startMs)}, {bytesText(file.bytes)}
            </span>
          </span>
          <a class="button small" href={apiUrl(`/segments/${file.id}/file.mp4`)} download>
            <Icon name="download" />
            {play.download}
          </a>
        </li>
      ))}
      {found.more && <li class="muted">{play.moreFiles(MOST)}</li>}
    </ul>
  );
}

/** What is marked; with one end missing, up to the playhead or from it; with none, the moment on show. */
function markedRange(): Interval {
  const { inMs, outMs } = marks.peek();
  const at = Math.floor(playhead.peek());
  const [startMs, endMs] = [inMs ?? Math.min(at, outMs ?? at), outMs ?? Math.max(at, inMs ?? at)];
  return { startMs: Math.floor(startMs), endMs: Math.max(Math.ceil(endMs), Math.floor(startMs) + 1) };
}

async function load(camera: string, { startMs, endMs }: Interval): Promise<Found> {
  const query = `?start=${startMs}&end=${endMs}&limit=${MOST}`;
  const { segments, next } = await get<SegmentList>(`/cameras/${camera}/segments${query}`);
  return { files: segments, more: next !== null };
}
