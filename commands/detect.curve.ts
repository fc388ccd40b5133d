/** A history for a plot: as many rows as there are, in at most `MAX` points. */
export interface Curve {
  readonly columns: readonly string[];
  /** Start of each point, Unix ms. */
  readonly ts: readonly number[];
  /** By column, by point; null: no value. */
  readonly min: readonly (readonly (number | null)[])[];
  readonly max: readonly (readonly (number | null)[])[];
  readonly mean: readonly (readonly (number | null)[])[];
  /** Highest score, and share of rows in alert, of each point. */
  readonly score: readonly number[];
  readonly alert: readonly number[];
  readonly rows: number;
}

export interface CurveRow {
  readonly tsMs: number;
  readonly values: readonly (number | null)[];
  readonly score: number;
  readonly alert: boolean;
}

interface Point {
  readonly tsMs: number;
  rows: number;
  alerts: number;
  score: number;
  readonly cells: { min: number; max: number; sum: number; n: number }[];
}

/** More than a screen has pixels, so that one can look closer. */
const MAX = 8_000;

const emptyCell = () => ({ min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, sum: 0, n: 0 });

const join = (a: Point, b: Point): Point => ({
  tsMs: a.tsMs,
  rows: a.rows + b.rows,
  alerts: a.alerts + b.alerts,
  score: Math.max(a.score, b.score),
  cells: a.cells.map((cell, i) => {
    const other = b.cells[i] as typeof cell;
    return {
      min: Math.min(cell.min, other.min),
      max: Math.max(cell.max, other.max),
      sum: cell.sum + other.sum,
      n: cell.n + other.n,
    };
  }),
});

/**
 * Gathers rows as they pass, however many will come: when there are too many points, each two become one. Memory is
 * bounded, and no extreme is lost.
 */
export const newCurve = (columns: readonly string[]) => {
  let points: Point[] = [];
  let rowsPerPoint = 1;
  let rows = 0;

  const add = ({ tsMs, values, score, alert }: CurveRow): void => {
    let point = points.at(-1);
    if (!point || point.rows >= rowsPerPoint) {
      if (points.length === MAX) {
        points = Array.from({ length: MAX / 2 }, (_, i) =>
          join(points[2 * i] as Point, points[2 * i + 1] as Point),
        );
        rowsPerPoint *= 2;
      }
      point = { tsMs, rows: 0, alerts: 0, score: 0, cells: columns.map(emptyCell) };
      points.push(point);
    }
    rows += 1;
    point.rows += 1;
    if (alert) point.alerts += 1;
    point.score = Math.max(point.score, score);
    for (const [i, cell] of point.cells.entries()) {
      const value = values[i] ?? null;
      if (value === null) continue;
      cell.min = Math.min(cell.min, value);
      cell.max = Math.max(cell.max, value);
      cell.sum += value;
      cell.n += 1;
    }
  };

  const curve = (): Curve => {
    const of = (figure: (cell: Point['cells'][number]) => number): (number | null)[][] =>
      columns.map((_, i) =>
        points.map(({ cells }) => {
          const cell = cells[i] as Point['cells'][number];
          return cell.n === 0 ? null : figure(cell);
        }),
      );
    return {
      columns,
      ts: points.map(({ tsMs }) => tsMs),
      min: of(({ min }) => min),
      max: of(({ max }) => max),
      mean: of(({ sum, n }) => sum / n),
      score: points.map(({ score }) => score),
      alert: points.map(({ alerts, rows: of }) => alerts / of),
      rows,
    };
  };
  return { add, curve };
};
