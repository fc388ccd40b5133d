import { expect, test } from 'vitest';
import { pan, pinch, SHORTEST_MS, spanOf, viewOf, zoom } from './view.ts';

const view = { fromMs: 1_000_000_000, toMs: 1_001_000_000 };

test('zooming keeps what is under the pointer', () => {
  const closer = zoom(view, 0.5, 0.25);
  expect(spanOf(closer)).toBe(500_000);
  expect(closer.fromMs + spanOf(closer) * 0.25).toBe(view.fromMs + spanOf(view) * 0.25);
});

test('zooming stops at ten seconds', () => {
  expect(spanOf(zoom(view, 1e-9, 0.5))).toBe(SHORTEST_MS);
});

test('panning keeps the span', () => {
  expect(pan(view, -0.1)).toEqual({ fromMs: 999_900_000, toMs: 1_000_900_000 });
});

test('pinching keeps both instants under the fingers', () => {
  const next = pinch(view, [0.4, 0.6], [0.3, 0.7]);
  const under = (v: typeof view, at: number): number => v.fromMs + spanOf(v) * at;
  expect(under(next, 0.3)).toBeCloseTo(under(view, 0.4), -1);
  expect(under(next, 0.7)).toBeCloseTo(under(view, 0.6), -1);
  expect(pinch(view, [0.4, 0.6], [0.5, 0.5])).toBe(view);
});

test.each([
  ['from=1000000000&to=1001000000', view],
  ['from=1001000000&to=1000000000', null],
  ['from=x&to=1000000000', null],
  ['', null],
])('reads the address %s', (query, expected) => {
  expect(viewOf(new URLSearchParams(query))).toEqual(expected);
});
