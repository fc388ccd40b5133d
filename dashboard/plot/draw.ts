import type uPlot from 'uplot';
import { t } from '../words/words.ts';
import type { Crossing, Marks } from './marks.ts';
import { stretches } from './normal.ts';
import { type Palette, palette } from './palette.ts';

/** Draws marks on a plot's canvas. All positions are canvas pixels; `uPlot.pxRatio` is given as `ratio`. */
interface Pen {
  readonly u: uPlot;
  readonly ctx: CanvasRenderingContext2D;
  readonly ratio: number;
  readonly x: (ms: number) => number;
  readonly y: (value: number) => number;
}

const pen = (u: uPlot, ratio: number): Pen => ({
  u,
  ctx: u.ctx,
  ratio,
  x: (ms) => u.valToPos(ms, 'x', true),
  y: (value) => u.valToPos(value, 'y', true),
});

const clipped = ({ u, ctx }: Pen, draw: () => void): void => {
  ctx.save();
  ctx.beginPath();
  ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
  ctx.clip();
  draw();
  ctx.restore();
};

/** Diagonal strokes, cut by the caller's clip: cheaper than a pattern and sharp at any ratio. */
const hatch = (
  { ctx, ratio }: Pen,
  left: number,
  top: number,
  width: number,
  height: number,
  every = 7,
): void => {
  const step = every * ratio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.beginPath();
  const first = Math.floor((left - height) / step) * step;
  for (let x = first; x < left + width; x += step) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
};

const drawExpected = (p: Pen, marks: Marks, colours: Palette): void => {
  const { ctx, ratio, u } = p;
  ctx.strokeStyle = colours.hatch;
  ctx.lineWidth = ratio;
  const edge = u.bbox.left + u.bbox.width;
  for (const band of marks.expected) {
    const left = Math.max(u.bbox.left, p.x(band.fromMs));
    const right = Math.min(edge, p.x(band.toMs));
    if (right <= left) continue;
    const [top, bottom] = [p.y(band.high), p.y(band.low)];
    hatch(p, left, top, right - left, bottom - top);
    ctx.beginPath();
    for (const line of [top, bottom]) {
      ctx.moveTo(left, line);
      ctx.lineTo(right, line);
    }
    ctx.stroke();
  }
};

const drawNormal = (p: Pen, { normal }: Marks, colours: Palette): void => {
  const { ctx, ratio, u } = p;
  ctx.strokeStyle = colours.hatch;
  ctx.lineWidth = ratio;
  for (const [from, to] of stretches(normal)) {
    const edge = (side: readonly (number | null)[], order: readonly number[]): void => {
      for (const i of order) ctx.lineTo(p.x(normal.ts[i]!), p.y(side[i] as number));
    };
    const forth = Array.from({ length: to - from + 1 }, (_, i) => from + i);
    ctx.save();
    ctx.beginPath();
    edge(normal.high, forth);
    edge(normal.low, forth.toReversed());
    ctx.closePath();
    ctx.stroke();
    ctx.clip();
    // All along and under everything: finer than what a finding tells.
    ctx.globalAlpha = 0.45;
    hatch(p, u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height, 14);
    ctx.restore();
  }
};

/** Below the signal: the expected range, and where now is. */
export const drawUnder = (u: uPlot, marks: Marks, nowMs: number, ratio: number): void => {
  const p = pen(u, ratio);
  const colours = palette();
  clipped(p, () => {
    if (marks.normal.ts.length > 0) drawNormal(p, marks, colours);
    else drawExpected(p, marks, colours);
    const x = Math.round(p.x(nowMs));
    p.ctx.strokeStyle = colours.edge;
    p.ctx.lineWidth = ratio;
    p.ctx.setLineDash([ratio, 3 * ratio]);
    p.ctx.beginPath();
    p.ctx.moveTo(x, u.bbox.top);
    p.ctx.lineTo(x, u.bbox.top + u.bbox.height);
    p.ctx.stroke();
  });
};

const drawLimit = (p: Pen, crossing: Crossing, colours: Palette): void => {
  const { ctx, ratio, u } = p;
  const y = p.y(crossing.limit);
  ctx.setLineDash([2 * ratio, 3 * ratio]);
  ctx.strokeStyle = colours.state[crossing.state];
  ctx.lineWidth = ratio;
  ctx.beginPath();
  ctx.moveTo(u.bbox.left, y);
  ctx.lineTo(u.bbox.left + u.bbox.width, y);
  ctx.stroke();
  ctx.font = colours.font.replace('12px', `${11 * ratio}px`);
  ctx.fillStyle = colours.text;
  ctx.textAlign = 'left';
  // Above the line where there is room, else below it.
  const above = y - u.bbox.top > 18 * ratio;
  ctx.textBaseline = above ? 'bottom' : 'top';
  ctx.fillText(
    t('plot.limit', { limit: crossing.limitLabel }),
    u.bbox.left + 6 * ratio,
    above ? y - 3 * ratio : y + 3 * ratio,
  );
};

const drawCrossing = (p: Pen, crossing: Crossing, colours: Palette): void => {
  const { ctx, ratio, u } = p;
  const [x0, y0, y1] = [p.x(crossing.fromMs), p.y(crossing.fromValue), p.y(crossing.limit)];
  const colour = colours.state[crossing.state];
  // Open-ended: the slow side runs level to the right edge.
  const late = crossing.latestMs === null ? null : p.x(crossing.latestMs);
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(p.x(crossing.earliestMs), y1);
  if (late === null) {
    ctx.lineTo(Math.max(u.bbox.left + u.bbox.width, p.x(crossing.atMs)), y1);
    ctx.lineTo(Math.max(u.bbox.left + u.bbox.width, p.x(crossing.atMs)), y0);
  } else ctx.lineTo(late, y1);
  ctx.closePath();
  ctx.globalAlpha = 0.14;
  ctx.fillStyle = colour;
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.setLineDash([6 * ratio, 4 * ratio]);
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5 * ratio;
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(p.x(crossing.atMs), y1);
  ctx.stroke();
};

/** Above the signal: the way to the limit, and the anomalous stretches on the axis. */
export const drawOver = (u: uPlot, marks: Marks, ratio: number): void => {
  const p = pen(u, ratio);
  const colours = palette();
  clipped(p, () => {
    const { crossing } = marks;
    if (crossing) {
      // Once the limit was passed there is nothing to predict; the limit itself stays drawn.
      if (crossing.atMs > crossing.fromMs) drawCrossing(p, crossing, colours);
      drawLimit(p, crossing, colours);
    }
    p.ctx.setLineDash([]);
    p.ctx.lineWidth = 4 * ratio;
    const y = u.bbox.top + u.bbox.height - 2 * ratio;
    for (const stretch of marks.anomalies) {
      const [left, right] = [p.x(stretch.fromMs), p.x(stretch.toMs)];
      p.ctx.strokeStyle = colours.state[stretch.state];
      p.ctx.beginPath();
      p.ctx.moveTo(left, y);
      p.ctx.lineTo(Math.max(right, left + 3 * ratio), y);
      p.ctx.stroke();
    }
  });
};
