import { pick } from '../random/draw.ts';
import type { Random } from '../random/stream.ts';
import type { AnyDefect } from './defect/defect.ts';
import * as drive from './defect/drive.ts';
import * as hoist from './defect/hoist.ts';
import * as house from './defect/house.ts';
import * as sensors from './defect/sensors.ts';

/** Every wear of a garage, by its name. Which unit knows which stands in kinds.ts. */
export const DEFECTS = { ...hoist, ...drive, ...sensors, ...house } as const satisfies Readonly<
  Record<string, AnyDefect>
>;

export type DefectName = keyof typeof DEFECTS;

export const drawCode = ({ codes }: AnyDefect, random: Random): string => pick(random, codes);
