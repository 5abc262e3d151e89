/** All cameras: how they are reached, what they send, how they are recorded; add, change, delete. */
import '../styles/pages.css';
import { cameraById, cameras } from '../core/fleet.ts';
import { address, go, link } from '../core/router.ts';
import { may } from '../core/session.ts';
import { useAction } from '../ui/action.ts';
import { Note } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { words } from '../words/index.ts';
import { CameraDialog } from './cameraDialog.tsx';
import { DeleteDialog } from './deleteDialog.tsx';
import { Holding } from './holding.tsx';
import { ordered } from './order.ts';
import { CameraRow } from './row.tsx';

export function CamerasPage() {
  const list = cameras.value;
  if (!list) return null;
  return (
    <div class="page">
      <header class="page-head">
        <h1>{words.value.nav.cameras}</h1>
        {may('admin') && list.length > 0 && <AddButton />}
      </header>
      {list.length === 0 ? (
        <div class="wall-empty">
          <Icon name="cameras" class="huge" />
          <h2>{words.value.live.empty}</h2>
          <p class="muted">{may('admin') ? words.value.live.emptyText : words.value.live.emptyViewer}</p>
          {may('admin') && <AddButton />}
        </div>
      ) : (
        <CameraTable />
      )}
      {may('admin') && <Holding key={list.length} />}
      <Dialogs />
    </div>
  );
}

function CameraTable() {
  const { cameras: say } = words.value;
  const action = useAction();
  return (
    <>
      {action.failure.value && <Note kind="bad">{action.failure.value}</Note>}
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">{say.name}</th>
            <th scope="col">{say.state}</th>
            <th scope="col">{say.media}</th>
            <th scope="col">{say.source}</th>
            <th scope="col">{say.recording}</th>
            <th scope="col">
              <span class="visually-hidden">{say.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {ordered.value.map((camera) => (
            <CameraRow key={camera.id} camera={camera} run={action.run} />
          ))}
        </tbody>
      </table>
    </>
  );
}

function AddButton() {
  return (
    <a class="button primary" href={link('cameras', { add: 1 })}>
      <Icon name="plus" />
      {words.value.cameras.add}
    </a>
  );
}

/** Which dialog is open is said by the address, so that other screens can point at it. */
function Dialogs() {
  const { query } = address.value;
  const close = () => go(link('cameras'));
  if (!may('admin')) return null;
  if (query.has('add')) return <CameraDialog camera={null} onClose={close} />;
  const editing = cameraById.peek().get(query.get('edit') ?? '');
  if (editing) return <CameraDialog key={editing.id} camera={editing} onClose={close} />;
  const deleting = cameraById.peek().get(query.get('delete') ?? '');
  return deleting ? <DeleteDialog camera={deleting} onClose={close} /> : null;
}
