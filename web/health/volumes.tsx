/** The folders that footage goes to: how full, how long they will last, and what is wrong with them. */
import type { StorageView } from '../../types/api.ts';
import { bytesText, durationText, shareText } from '../core/format.ts';
import { Note } from '../ui/button.tsx';
import { more } from '../words/more/index.ts';
import { saidText } from '../words/said/index.ts';

type Volume = StorageView['volumes'][number];

export function Volumes({ volumes }: { readonly volumes: readonly Volume[] }) {
  const { storage } = more.value;
  return (
    <section>
      <h2>{storage.title}</h2>
      <div class="health-list volumes">
        {volumes.map((volume) => (
          <VolumeCard key={volume.id} volume={volume} />
        ))}
      </div>
    </section>
  );
}

function VolumeCard({ volume }: { readonly volume: Volume }) {
  const { storage } = more.value;
  const { totalBytes, freeBytes, folder, trouble, alarm } = volume;
  const known = totalBytes !== null && freeBytes !== null && totalBytes > 0;
  return (
    <article class="health-camera">
      <header>
        <h3>{folder}</h3>
        {known && <span>{storage.free(bytesText(freeBytes), bytesText(totalBytes))}</span>}
      </header>
      {known && (
        <meter
          aria-label={storage.share(shareText(1 - freeBytes / totalBytes))}
          min={0}
          max={totalBytes}
          value={totalBytes - freeBytes}
        />
      )}
      {trouble && (
        <Note kind="bad">
          {storage.trouble}: {saidText(trouble)}
        </Note>
      )}
      {alarm && <Note kind="bad">{storage.alarm[alarm.left]}</Note>}
      {!trouble && <Forecast volume={volume} />}
    </article>
  );
}

function Forecast({ volume: { keptMs, fullInMs, reserveBytes } }: { readonly volume: Volume }) {
  const { storage } = more.value;
  return (
    <p class="muted">
      {keptMs !== null && `${storage.lasts(durationText(keptMs))} `}
      {fullInMs !== null && `${storage.full(durationText(fullInMs))} `}
      {reserveBytes !== null && storage.reserve(bytesText(reserveBytes))}
    </p>
  );
}
