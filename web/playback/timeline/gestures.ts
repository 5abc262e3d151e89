/** Wheel, drag and pinch on a timeline, turned into what they mean. */
import { msAt, pan, spanOf, type View, zoom } from './view.ts';

export interface GestureTarget {
  readonly view: () => View;
  readonly setView: (view: View) => void;
  /** Dragged to a moment; called again and again. */
  readonly onScrub: (ms: number) => void;
  /** The movement is over. */
  readonly onRest: () => void;
  /** A tap or click that did not move, at a height in CSS pixels from the top. */
  readonly onTap: (ms: number, y: number) => void;
  /** Null when the pointer has left. @param box where the element is on the screen */
  readonly onHover: (ms: number | null, y: number, box: DOMRect) => void;
}

const ZOOM_PER_PIXEL = 0.0022;
/** Closer than this, a drag is a click by somebody whose hand is not steady. */
const CLICK_PIXELS = 4;

interface Held {
  readonly startX: number;
  readonly startY: number;
  x: number;
  moved: boolean;
}

/**
 * Listens on an element until the function given back is called.
 * @param panOnly a plain drag moves the view as well: on the ruler
 */
export function listen(element: HTMLElement, target: GestureTarget, panOnly: boolean): () => void {
  const held = new Map<number, Held>();
  const controller = new AbortController();
  const { signal } = controller;
  // Asked for when it may have changed, not with each event: asking makes the browser lay out the page at once.
  let box: DOMRect | null = null;
  const boxOf = () => {
    box ??= element.getBoundingClientRect();
    return box;
  };
  const forget = () => {
    box = null;
  };
  const widthOf = () => Math.max(1, boxOf().width);
  const xIn = ({ clientX }: MouseEvent) => clientX - boxOf().left;
  const yIn = ({ clientY }: MouseEvent) => clientY - boxOf().top;
  const timeAt = (x: number) => msAt(x, target.view(), widthOf());

  const onWheel = (event: WheelEvent) => {
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    const mostlySideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    // More lanes than fit are scrolled where the lanes themselves are.
    event.preventDefault();
    const view = target.view();
    if (mostlySideways) target.setView(pan(view, (sideways / widthOf()) * spanOf(view)));
    else target.setView(zoom(view, timeAt(xIn(event)), Math.exp(event.deltaY * ZOOM_PER_PIXEL)));
  };

  const onDown = (event: PointerEvent) => {
    if (event.button > 1) return;
    forget();
    element.setPointerCapture(event.pointerId);
    held.set(event.pointerId, { startX: xIn(event), startY: yIn(event), x: xIn(event), moved: false });
  };

  const onMove = (event: PointerEvent) => {
    const hold = held.get(event.pointerId);
    if (!hold) {
      if (event.pointerType === 'mouse') target.onHover(timeAt(xIn(event)), yIn(event), boxOf());
      return;
    }
    const x = xIn(event);
    hold.moved ||= Math.abs(x - hold.startX) > CLICK_PIXELS;
    if (held.size === 2) pinch(held, hold, x, target, widthOf());
    else if (hold.moved && (panOnly || event.shiftKey || event.buttons === 4)) {
      target.setView(pan(target.view(), ((hold.x - x) / widthOf()) * spanOf(target.view())));
    } else if (hold.moved) target.onScrub(timeAt(x));
    hold.x = x;
  };

  const onUp = (event: PointerEvent) => {
    const hold = held.get(event.pointerId);
    held.delete(event.pointerId);
    if (!hold) return;
    if (!hold.moved && event.type === 'pointerup') target.onTap(timeAt(hold.startX), hold.startY);
    if (held.size === 0) target.onRest();
  };

  const resized = new ResizeObserver(forget);
  resized.observe(element);
  window.addEventListener('scroll', forget, { signal, capture: true, passive: true });
  window.addEventListener('resize', forget, { signal });
  element.addEventListener('pointerenter', forget, { signal });
  element.addEventListener('wheel', onWheel, { signal, passive: false });
  element.addEventListener('pointerdown', onDown, { signal });
  element.addEventListener('pointermove', onMove, { signal });
  element.addEventListener('pointerup', onUp, { signal });
  element.addEventListener('pointercancel', onUp, { signal });
  element.addEventListener('pointerleave', () => target.onHover(null, 0, boxOf()), { signal });
  return () => {
    controller.abort();
    resized.disconnect();
  };
}

/** Two fingers: what is between them stays between them. */
function pinch(
  held: ReadonlyMap<number, Held>,
  moving: Held,
  x: number,
  target: GestureTarget,
  width: number,
): void {
  const other = [...held.values()].find((each) => each !== moving);
  if (!other) return;
  moving.moved = true;
  other.moved = true;
  const before = Math.max(20, Math.abs(moving.x - other.x));
  const after = Math.max(20, Math.abs(x - other.x));
  const view = target.view();
  const zoomed = zoom(view, msAt((moving.x + other.x) / 2, view, width), before / after);
  target.setView(pan(zoomed, ((moving.x - x) / 2 / width) * spanOf(zoomed)));
}
