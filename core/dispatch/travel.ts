import type { Position } from '../crew/crew.ts';

const EARTH_RADIUS_M = 6_371_008.8;
/** Streets are longer than the crow's way by about this much in a city grid. */
const DETOUR = 1.35;
const VAN_M_PER_S = 25 / 3.6;
/** To leave, to park, to walk in. */
const START_MS = 3 * 60_000;

/** Great-circle distance in metres (haversine). */
export const distanceM = (a: Position, b: Position): number => {
  const rad = Math.PI / 180;
  const lat = Math.sin(((b.lat - a.lat) * rad) / 2);
  const lon = Math.sin(((b.lon - a.lon) * rad) / 2);
  const h = lat * lat + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * lon * lon;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
};

/** Estimated driving time in ms: there is no road map here, so city speed over a detoured straight line. */
export const travelMs = (from: Position, to: Position): number =>
  Math.round(START_MS + ((distanceM(from, to) * DETOUR) / VAN_M_PER_S) * 1_000);
