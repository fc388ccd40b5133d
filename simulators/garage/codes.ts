/** What the controller's display says with a code. */
export const DETAIL: Readonly<Record<string, string>> = {
  G01: 'emergency stop pressed',
  G02: 'phase relay tripped',
  G03: 'mains voltage out of range',
  G04: 'hoist motor overload relay tripped while lifting',
  G05: 'traverse motor overload relay tripped',
  G06: 'upper position not reached in time',
  G07: 'side position not reached in time',
  G08: 'travel limit opened',
  G09: 'final limit opened',
  G10: 'slack-chain switch opened while lifting',
  G11: 'pallet tilted beyond the limit',
  G12: 'hook still engaged after release',
  G13: 'hook not engaged in the upper position',
  G14: 'car too long, photo-eye interrupted',
  G15: 'car too high or too heavy',
  G16: 'light curtain interrupted while moving',
  G17: 'photo-eye gain below limit',
  G18: 'door closed but not locked',
  G19: 'pallet not seen in its place',
  G20: 'encoder and reference differ',
  G21: 'brake closed after release',
  G22: 'encoder moved while the brake was set',
  G23: 'contactor feedback closed after switching off',
  G24: 'drive tripped',
  G25: 'remote module does not answer',
  G26: '24 V below limit',
  G27: 'oil pressure not reached',
  G28: 'oil temperature above limit',
  G29: 'float switch above pump level',
  G30: 'place seen occupied and free at once',
  G31: 'speed above set point while lowering',
  G32: 'rope monitor: strand or diameter',
  G33: 'position not reached',
  G34: 'fire panel contact closed',
  G35: 'smoke detector',
  G36: 'presence detector while locked',
  W04: 'hoist retried after a current peak',
  W05: 'traverse retried',
  W12: 'hook retried',
  W19: 'position read twice',
  W22: 'brake checked twice',
  W24: 'drive restarted itself',
  W25: 'telegram repeated',
  W26: 'control voltage dipped',
  W28: 'oil warning',
  W29: 'pit pump ran long',
  W33: 'turntable retried',
};

/** With these the machine goes on, worse. */
export const GOES_ON: ReadonlySet<string> = new Set(['G03', 'G17', 'G25', 'G28']);

/** These come while something is on its way, and leave it there. With the others nothing has begun, or it has ended. */
export const ON_THE_WAY: ReadonlySet<string> = new Set([
  ...['G01', 'G04', 'G06', 'G08', 'G09', 'G10', 'G11', 'G13', 'G16', 'G20', 'G22', 'G27', 'G31', 'G32'],
]);

/** What happens without any wear, how often compared with the others, and in which unit: the attendant's day. */
export interface Stop {
  readonly code: string;
  readonly weight: number;
  readonly at: 'mover' | 'entrance' | 'machine';
  /** Minutes until it is cleared, as a rule. */
  readonly minutes: readonly [number, number];
}

export const STOPS: readonly Stop[] = [
  { code: 'G14', weight: 26, at: 'entrance', minutes: [1, 6] },
  { code: 'G15', weight: 22, at: 'entrance', minutes: [1, 6] },
  { code: 'G18', weight: 20, at: 'entrance', minutes: [1, 8] },
  { code: 'G01', weight: 12, at: 'machine', minutes: [2, 12] },
  { code: 'G16', weight: 16, at: 'machine', minutes: [1, 5] },
  { code: 'W19', weight: 4, at: 'mover', minutes: [0.3, 1.5] },
];

/** Rare events that no garage chooses by itself: scenarios ask for them. */
export const EVENTS: readonly Stop[] = [
  { code: 'G34', weight: 0, at: 'machine', minutes: [20, 120] },
  { code: 'G35', weight: 0, at: 'machine', minutes: [30, 180] },
  { code: 'G36', weight: 0, at: 'machine', minutes: [3, 20] },
];

/** One stop in so many the attendant does not get away with a button. */
export const STUBBORN = 0.06;
export const STUBBORN_MIN: readonly [number, number] = [30, 90];

export const stopOf = (code: string): Stop | undefined =>
  STOPS.find((stop) => stop.code === code) ?? EVENTS.find((stop) => stop.code === code);
