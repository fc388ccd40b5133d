import { pan, pinch, type View, zoom } from './view.ts';

export interface GestureOptions {
  readonly view: () => View;
  readonly onView: (view: View) => void;
  readonly onReset: () => void;
}

/** A scroll that began on the page goes on there, also when a plot slides under the pointer. */
const SCROLL_REST_MS = 250;
let scrolledAt = Number.NEGATIVE_INFINITY;

const KEYS: Readonly<Record<string, (view: View) => View>> = {
  ArrowLeft: (view) => pan(view, -0.1),
  ArrowRight: (view) => pan(view, 0.1),
  '+': (view) => zoom(view, 0.7, 0.5),
  '=': (view) => zoom(view, 0.7, 0.5),
  '-': (view) => zoom(view, 1 / 0.7, 0.5),
};

/** Wheel and pinch zoom, drag moves, double click or tap resets, keys do the same. Gives back how to stop. */
export const gestures = (over: HTMLElement, { view, onView, onReset }: GestureOptions): (() => void) => {
  const stop = new AbortController();
  const { signal } = stop;
  const fingers = new Map<number, number>();
  const share = (clientX: number): number => {
    const box = over.getBoundingClientRect();
    return (clientX - box.left) / Math.max(1, box.width);
  };

  over.addEventListener(
    'wheel',
    (event) => {
      // ctrl: a trackpad's pinch.
      if (!event.ctrlKey && event.timeStamp - scrolledAt < SCROLL_REST_MS) {
        scrolledAt = event.timeStamp;
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) return onView(pan(view(), event.deltaX / 800));
      const lines = event.deltaMode === 1 ? 16 : 1;
      onView(
        zoom(
          view(),
          Math.exp(Math.max(-200, Math.min(200, event.deltaY * lines)) / 400),
          share(event.clientX),
        ),
      );
    },
    { passive: false, signal },
  );

  over.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      fingers.set(event.pointerId, share(event.clientX));
      over.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  over.addEventListener(
    'pointermove',
    (event) => {
      const was = fingers.get(event.pointerId);
      if (was === undefined) return;
      const is = share(event.clientX);
      const other = [...fingers].find(([id]) => id !== event.pointerId);
      if (other) {
        const order = was < other[1] ? 0 : 1;
        onView(
          order === 0
            ? pinch(view(), [was, other[1]], [is, other[1]])
            : pinch(view(), [other[1], was], [other[1], is]),
        );
      } else if (Math.abs(is - was) > 0) onView(pan(view(), was - is));
      fingers.set(event.pointerId, is);
    },
    { signal },
  );
  for (const name of ['pointerup', 'pointercancel'] as const)
    over.addEventListener(name, (event) => fingers.delete(event.pointerId), { signal });
  over.addEventListener('dblclick', () => onReset(), { signal });
  over.addEventListener(
    'keydown',
    (event) => {
      if (event.target !== over || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '0' || event.key === 'Home') onReset();
      else {
        const change = KEYS[event.key];
        if (!change) return;
        onView(change(view()));
      }
      event.preventDefault();
    },
    { signal },
  );
  return () => stop.abort();
};

/** Call once: notes the page's own scrolling. */
export const startGestures = (): void => {
  addEventListener(
    'wheel',
    (event) => {
      if (!(event.target as Element | null)?.closest?.('.u-over')) scrolledAt = event.timeStamp;
    },
    { passive: true, capture: true },
  );
};
