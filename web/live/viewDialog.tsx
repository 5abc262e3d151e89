/** A view of the wall: its name, its layout, its cameras in the order they are ticked. */
import { useSignal } from '@preact/signals';
import { cameras } from '../core/fleet.ts';
import { LAYOUTS, type WallLayout } from '../core/preferences.ts';
import { go, link } from '../core/router.ts';
import { Dialog } from '../ui/dialog.tsx';
import { words } from '../words/index.ts';
import { chosenView, layout, removeView, saveView, wallCameras } from './views.ts';

export function ViewDialog({ onClose }: { readonly onClose: () => void }) {
  const { live, common } = words.value;
  const before = chosenView.peek();
  const name = useSignal(before?.name ?? '');
  const wanted = useSignal<WallLayout>(layout.peek());
  const ids = useSignal<readonly string[]>((wallCameras.peek() ?? []).map(({ id }) => id));
  const save = (event: Event) => {
    event.preventDefault();
    if (before && before.name !== name.value.trim()) removeView(before.name);
    saveView({ name: name.value.trim(), layout: wanted.value, cameras: ids.value });
    onClose();
    go(link('live', { view: name.value.trim() }));
  };
  const remove = () => {
    if (before) removeView(before.name);
    onClose();
    go(link('live'));
  };
  const tick = (id: string, on: boolean) => {
    const others = ids.peek().filter((each) => each !== id);
    ids.value = on ? [...others, id] : others;
  };
  return (
    <Dialog title={before ? live.changeView : live.newView} onClose={onClose}>
      <form class="form" onSubmit={save}>
        <label class="field">
          <span>{live.viewName}</span>
          <input
            required
            maxLength={60}
            value={name.value}
            onInput={({ currentTarget }) => {
              name.value = currentTarget.value;
            }}
          />
        </label>
        <label class="field">
          <span>{live.layout}</span>
          <select
            value={wanted.value}
            onChange={({ currentTarget }) => {
              wanted.value = LAYOUTS.find((each) => each === currentTarget.value) ?? 'auto';
            }}
          >
            {LAYOUTS.map((each) => (
              <option key={each} value={each}>
                {live.layouts[each]}
              </option>
            ))}
          </select>
        </label>
        <fieldset class="view-cameras">
          <legend>{live.viewCameras}</legend>
          {(cameras.value ?? []).map((camera) => (
            <label key={camera.id} class="check">
              <input
                type="checkbox"
                checked={ids.value.includes(camera.id)}
                onChange={({ currentTarget }) => tick(camera.id, currentTarget.checked)}
              />
              <span>{camera.name}</span>
              {ids.value.includes(camera.id) && <span class="muted">{ids.value.indexOf(camera.id) + 1}</span>}
            </label>
          ))}
        </fieldset>
        <div class="dialog-actions">
          {before && (
            <button type="button" class="button" onClick={remove}>
              {live.deleteView}
            </button>
          )}
          <button type="button" class="button" onClick={onClose}>
            {common.cancel}
          </button>
          <button type="submit" class="button primary" disabled={ids.value.length === 0}>
            {common.save}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
