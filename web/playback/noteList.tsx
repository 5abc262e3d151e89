/** Bookmarks and protected parts of the day on show, in order of time. */
import { useEffect } from 'preact/hooks';
import { zone } from '../core/clock.ts';
import { durationText, secondsText } from '../core/format.ts';
import { may } from '../core/session.ts';
import { dayBounds } from '../time/zone.ts';
import { IconButton } from '../ui/button.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { words } from '../words/index.ts';
import { cameraId, day, seek, writeAddress } from './model.ts';
import { forgetBookmark, loadNotes, notes, unprotect } from './notes.ts';

interface Row {
  readonly key: string;
  readonly icon: IconName;
  readonly kind: string;
  readonly atMs: number;
  readonly text: string;
  readonly length: string | null;
  /** Null when this user may not. */
  readonly remove: (() => Promise<void>) | null;
}

export function NoteList() {
  const { play } = words.value;
  const camera = cameraId.value;
  const today = day.value;
  useEffect(() => {
    if (camera !== null) void loadNotes(camera, dayBounds(today, zone.peek()));
  }, [camera, today]);
  const rows = rowsOf();
  if (rows.length === 0) return null;
  return (
    <section class="gaps" aria-label={play.notes}>
      <h2>{play.notes}</h2>
      <ul class="plain-list">
        {rows.map((row) => (
          <li key={row.key} class="note-row">
            <button
              type="button"
              class="gap-button note"
              onClick={() => {
                seek(row.atMs);
                writeAddress();
              }}
            >
              <span class="gap-when">
                <strong>{secondsText(row.atMs)}</strong>
                <span>{row.length}</span>
              </span>
              <span class="muted">
                <Icon name={row.icon} /> <span class="visually-hidden">{row.kind}: </span>
                {row.text}
              </span>
            </button>
            {row.remove && (
              <IconButton
                icon="trash"
                label={`${play.removeNote}: ${row.text}`}
                onClick={() => void row.remove?.().catch(() => undefined)}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function rowsOf(): readonly Row[] {
  const { play } = words.value;
  const known = notes.value;
  if (!known || known.camera !== cameraId.value) return [];
  const bookmarks = known.bookmarks.map(
    ({ id, atMs, text }): Row => ({
      key: `b${id}`,
      icon: 'bookmark',
      kind: play.bookmark,
      atMs,
      text,
      length: null,
      remove: may('operator') ? () => forgetBookmark(id) : null,
    }),
  );
  const protections = known.protections.map(
    ({ id, startMs, endMs, note }): Row => ({
      key: `p${id}`,
      icon: 'lock',
      kind: play.protected,
      atMs: startMs,
      text: note || play.protected,
      length: durationText(endMs - startMs),
      remove: may('admin') ? () => unprotect(known.camera, id) : null,
    }),
  );
  return [...bookmarks, ...protections].sort((a, b) => a.atMs - b.atMs);
}
