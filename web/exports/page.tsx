/** Exports: what the recorder makes and has made, how far each is, its hash, and the file itself. */
import { useEffect } from 'preact/hooks';
import '../styles/pages.css';
import '../styles/exports.css';
import { ApiError } from '../core/api.ts';
import { link } from '../core/router.ts';
import { Note } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { problemText, words } from '../words/index.ts';
import { JobCard } from './jobCard.tsx';
import { exportJobs, loadJobs, watchJobs } from './jobs.ts';

export function ExportsPage() {
  useEffect(watchJobs, []);
  const { exports: say } = words.value;
  return (
    <div class="page">
      <header class="page-head">
        <h1>{words.value.nav.exports}</h1>
        <a class="button" href={link('play')}>
          <Icon name="playback" />
          {say.choose}
        </a>
      </header>
      <Content />
    </div>
  );
}

function Content() {
  const { exports: say, common } = words.value;
  const known = exportJobs.value;
  switch (known.kind) {
    case 'loading':
      return (
        <div class="wall-empty" role="status">
          <span class="spinner late" />
          {common.loading}
        </div>
      );
    case 'failed':
      if (known.error instanceof ApiError && known.error.status === 404) return <Nothing />;
      return (
        <>
          <Note kind="bad">{problemText(known.error)}</Note>
          <button type="button" class="button" onClick={() => void loadJobs()}>
            {common.retry}
          </button>
        </>
      );
    case 'known':
      if (known.jobs.length === 0) return <Nothing />;
      return (
        <>
          <ul class="plain-list" aria-label={say.list}>
            {known.jobs.map((job) => (
              <JobCard key={job.id} job={job} />
            ))}
          </ul>
          {known.key && (
            <p class="muted">
              {say.key} <code>{known.key}</code>
            </p>
          )}
        </>
      );
  }
}

function Nothing() {
  const { exports: say } = words.value;
  return (
    <div class="wall-empty">
      <Icon name="exports" class="huge" />
      <h2>{say.emptyTitle}</h2>
      <p class="muted">{say.emptyText}</p>
      <p class="muted keys-line">
        <kbd>I</kbd> <kbd>O</kbd> <kbd>E</kbd>
      </p>
    </div>
  );
}
