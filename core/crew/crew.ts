/** WGS-84 degrees. */
export interface Position {
  readonly lat: number;
  readonly lon: number;
}

/** Days of week 1 (Monday) – 7 in the crew's zone; `to` may lie after midnight (`22:00`–`06:00`). */
export interface Shift {
  readonly days: readonly number[];
  readonly from: string;
  readonly to: string;
}

export interface Crew {
  readonly id: string;
  readonly name: string;
  readonly station: string | null;
  readonly position: Position;
  /** Equipment classes that the crew is trained for: `PSH`, `fridge`, … (catalogue/models.json `class`). */
  readonly skills: readonly string[];
  readonly shifts: readonly Shift[];
  readonly timeZone: string;
  readonly active: boolean;
}
