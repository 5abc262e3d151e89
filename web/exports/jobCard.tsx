/** One export: of what, how far, and what can be done with it. */
import { useSignal } from '@preact/signals';
import { apiUrl } from '../core/api.ts';
import { cameraById } from '../core/fleet.ts';
import {
  bytesText,
  dateText,
  durationText,
  offsetText,
  secondsText,
  shareText,
  timeText,
} from '../core/format.ts';
import { Note } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Thumbnail } from '../ui/thumbnail.tsx';
import { problemText, words } from '../words/index.ts';
import { saidText } from '../words/said/index.ts';
import { Hash } from './fileRow.tsx';
import { deleteJob, type ExportJob } from './jobs.ts';

export function JobCard({ job }: { readonly job: ExportJob }) {
  const { exports: say } = words.value;
  const [camera] = job.cameras;
  const names = job.cameras.map((id) => cameraById.value.get(id)?.name ?? id).join(', ');
  return (
    <li class="job" data-state={job.state}>
      {camera !== undefined && <Thumbnail camera={camera} ms={job.fromMs} />}
      <div class="job-what">
        <header>
          <h2>{names}</h2>
          <span class={`state ${MOODS[job.state]}`}>{say.states[job.state]}</span>
        </header>
        <When job={job} />
        {job.state === 'running' && <Progress share={job.progress} />}
        {job.error && <Note kind="bad">{saidText(job.error)}</Note>}
        {job.name && job.state === 'done' && (
          <code class="clip-name">
            {job.name}
            {job.bytes !== null && <span class="muted"> {bytesText(job.bytes)}</span>}
          </code>
        )}
        {job.sha256 && <Hash sha256={job.sha256} />}
      </div>
      <Actions job={job} />
    </li>
  );
}

function When({ job }: { readonly job: ExportJob }) {
  const { exports: say } = words.value;
  return (
    <p class="job-when">
      {dateText(job.fromMs)} {secondsText(job.fromMs)} {offsetText(job.fromMs)} – {secondsText(job.toMs)}
      <span class="muted">
        {' '}
        {durationText(job.toMs - job.fromMs)}
        {job.burnTime && ` · ${say.burnt}`}
        {job.expiresMs !== null &&
          ` · ${say.expires(`${dateText(job.expiresMs)} ${timeText(job.expiresMs)}`)}`}
      </span>
    </p>
  );
}

const MOODS = { queued: 'waiting', running: 'waiting', done: 'good', failed: 'bad' } as const;

function Progress({ share }: { readonly share: number }) {
  return (
    <div class="clip-progress">
      <progress aria-label={words.value.clip.progress} max={1} value={share} />
      <span>{shareText(share)}</span>
    </div>
  );
}

function Actions({ job }: { readonly job: ExportJob }) {
  const { exports: say } = words.value;
  const failure = useSignal<string | null>(null);
  const remove = async () => {
    try {
      await deleteJob(job.id);
    } catch (error) {
      failure.value = problemText(error);
    }
  };
  const going = job.state === 'queued' || job.state === 'running';
  return (
    <div class="job-actions">
      {job.state === 'done' && (
        <a class="button small primary" href={apiUrl(`/exports/${job.id}/file`)} download>
          <Icon name="download" />
          {say.download}
        </a>
      )}
      <button type="button" class="button small" onClick={() => void remove()}>
        <Icon name={going ? 'close' : 'trash'} />
        {going ? say.cancel : say.remove}
      </button>
      {failure.value && <Note kind="bad">{failure.value}</Note>}
    </div>
  );
}
