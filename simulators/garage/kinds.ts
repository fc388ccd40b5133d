import type { DefectName } from './defects.ts';
import { brake, valveStop } from './part/brake.ts';
import { contactor, drive, encoder, switches } from './part/electric.ts';
import { hoist } from './part/hoist.ts';
import { controls, mains, pit } from './part/house.ts';
import { hydraulicHoist } from './part/hydraulic.ts';
import { door, hook, traverse, turntable } from './part/motion.ts';
import type { Part } from './part/part.ts';

/** What a unit is made of, and how it can wear. */
export interface UnitKind {
  readonly parts: readonly Part[];
  readonly defects: readonly DefectName[];
}

/** A class of garage: which units stand in it, and what moves the cars. */
export interface GarageKind {
  readonly firmware: string;
  /** Moves cars: one for each place (`bay1` …), or one for all of them. */
  readonly mover: { readonly name: string; readonly perPlace: boolean; readonly kind: UnitKind };
  /** What every car passes, by unit name. */
  readonly entrance: Readonly<Record<string, UnitKind>>;
  readonly house: UnitKind;
  /** Places, where nobody says how many. */
  readonly places: number;
  /** Codes of the catalogue that this class has nothing for, and why. */
  readonly lacks: Readonly<Record<string, string>>;
}

const DOOR: UnitKind = { parts: [door], defects: ['door', 'photoEye'] };

const HOUSE: UnitKind = {
  parts: [mains, controls, pit],
  defects: ['phase', 'psu24', 'plcLink', 'occupancySensor', 'pitPump'],
};

const BAY: UnitKind = {
  parts: [
    hoist({
      idleA: [5.2, 5.8],
      torqueA: [4.4, 4.8],
      liftS: [33, 41],
      travel: 0,
      counterweightT: 0,
      vibrationMmS: [0.75, 1.1],
      skewMm: [1.5, 2.5],
      inrush: [5.4, 6.6],
      overtravelMm: [4, 7],
      heatC: [11, 5],
      hasTension: true,
    }),
    brake,
    traverse([0.95, 1.2]),
    hook,
    contactor,
    switches,
    encoder,
  ],
  defects: [
    'chain',
    'brake',
    'bearing',
    'insulation',
    'coupling',
    'brakeCoil',
    'wheel',
    'hookSolenoid',
    'hookSpring',
    'contactor',
    'limitSwitch',
    'proximity',
    'encoder',
  ],
};

/** What a rope hoist on a drive can suffer from. */
const ROPE_HOIST: readonly DefectName[] = [
  'rope',
  'brake',
  'bearing',
  'insulation',
  'coupling',
  'brakeCoil',
  'wheel',
  'vfdFan',
  'vfdCapacitor',
  'brakeChopper',
  'limitSwitch',
  'proximity',
  'encoder',
];

const TOWER_LIFT: UnitKind = {
  parts: [
    hoist({
      idleA: [13, 15],
      torqueA: [34, 39],
      liftS: [46, 58],
      travel: 0.22,
      counterweightT: 1.05,
      vibrationMmS: [0.6, 0.9],
      skewMm: [1, 2],
      inrush: [1.5, 1.9],
      overtravelMm: [3, 6],
      heatC: [2.4, 1.2],
      hasTension: false,
    }),
    brake,
    traverse([2.6, 3.2]),
    drive,
    switches,
    encoder,
  ],
  defects: ROPE_HOIST,
};

const CRANE: UnitKind = {
  parts: [
    hoist({
      idleA: [10, 12],
      torqueA: [19, 22],
      liftS: [52, 64],
      travel: 0.28,
      counterweightT: 0,
      vibrationMmS: [0.65, 0.95],
      skewMm: [1.5, 2.5],
      inrush: [1.5, 1.9],
      overtravelMm: [3, 6],
      heatC: [1.8, 0.9],
      hasTension: false,
    }),
    brake,
    traverse([5.5, 6.8]),
    drive,
    switches,
    encoder,
  ],
  defects: ROPE_HOIST,
};

const CAR_LIFT: UnitKind = {
  parts: [hydraulicHoist, valveStop, hook, contactor, switches],
  defects: [
    'leafChain',
    'bearing',
    'insulation',
    'seal',
    'oilPump',
    'oilCooler',
    'hookSolenoid',
    'hookSpring',
    'contactor',
    'limitSwitch',
    'proximity',
  ],
};

const NO_HYDRAULICS = { G27: 'no hydraulics', G28: 'no hydraulics' } as const;
const NO_TURNTABLE = { G33: 'no turntable or comb' } as const;
const NO_HOOKS = {
  G12: 'held by ropes and brake, no hooks',
  G13: 'held by ropes and brake, no hooks',
} as const;
const NO_DRIVE = { G24: 'motors run direct on line', G31: 'motors run direct on line' } as const;

export const GARAGES: Readonly<Record<string, GarageKind>> = {
  /** Lift-and-slide: a pallet, a hoist and a chain for every bay. */
  PSH: {
    firmware: 'psh-2.4.1',
    mover: { name: 'bay', perPlace: true, kind: BAY },
    entrance: { door1: DOOR },
    house: HOUSE,
    places: 6,
    lacks: { ...NO_DRIVE, ...NO_HYDRAULICS, ...NO_TURNTABLE, G32: 'chains, no ropes' },
  },
  /** Tower: one lift on ropes with a counterweight, a turntable at its foot. */
  PCS: {
    firmware: 'pcs-5.1.0',
    mover: { name: 'lift1', perPlace: false, kind: TOWER_LIFT },
    entrance: { door1: DOOR, turntable1: { parts: [turntable], defects: ['turntable'] } },
    house: HOUSE,
    places: 12,
    lacks: { ...NO_HYDRAULICS, ...NO_HOOKS, G23: 'the drive switches, no contactor under load' },
  },
  /** Stacker: a crane that travels and lifts, with a comb that takes the car over. */
  PXD: {
    firmware: 'pxd-3.3.2',
    mover: { name: 'crane1', perPlace: false, kind: CRANE },
    entrance: { door1: DOOR, comb1: { parts: [turntable], defects: ['comb'] } },
    house: HOUSE,
    places: 14,
    lacks: { ...NO_HYDRAULICS, ...NO_HOOKS, G23: 'the drive switches, no contactor under load' },
  },
  /** Car lift: a hydraulic platform over leaf chains, a door on each floor. */
  PQS: {
    firmware: 'pqs-1.8.4',
    mover: { name: 'lift1', perPlace: false, kind: CAR_LIFT },
    entrance: { door1: DOOR, door2: DOOR },
    house: HOUSE,
    places: 8,
    lacks: {
      ...NO_DRIVE,
      ...NO_TURNTABLE,
      G05: 'nothing moves sideways',
      G07: 'nothing moves sideways',
      G20: 'no encoder',
      G21: 'a valve holds it, no brake',
      G22: 'a valve holds it, no brake',
      G32: 'chains, no ropes',
    },
  },
};

/** Every wear that some unit of the class knows, each once. */
export const defectsOf = ({ mover, entrance, house }: GarageKind): readonly DefectName[] => [
  ...new Set([
    ...mover.kind.defects,
    ...Object.values(entrance).flatMap(({ defects }) => defects),
    ...house.defects,
  ]),
];
