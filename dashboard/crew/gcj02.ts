interface Place {
  readonly lat: number;
  readonly lon: number;
}

/*
 * China's maps are drawn in GCJ-02, which shifts WGS-84 by up to several hundred metres. The shift is the widely
 * published approximation of it: a sum of sines over the offset from 105° E, 35° N, scaled by the Krasovsky 1940
 * ellipsoid. Outside mainland China nothing is shifted.
 */
const AXIS_M = 6_378_245;
const ECCENTRICITY2 = 0.006_693_421_622_965_943;

/** The box that the approximation is applied in; its edges are those that map services use. */
const isShifted = ({ lat, lon }: Place): boolean =>
  lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;

/** Two sines per axis, weights in thirds. */
const wave = (x: number, terms: readonly (readonly [weight: number, factor: number])[]): number =>
  terms.reduce((sum, [weight, factor]) => sum + (weight * Math.sin(x * Math.PI * factor) * 2) / 3, 0);

const COMMON = (x: number): number =>
  wave(x, [
    [20, 6],
    [20, 2],
  ]);

const northM = (x: number, y: number): number =>
  -100 +
  2 * x +
  3 * y +
  0.2 * y * y +
  0.1 * x * y +
  0.2 * Math.sqrt(Math.abs(x)) +
  COMMON(x) +
  wave(y, [
    [20, 1],
    [40, 1 / 3],
    [160, 1 / 12],
    [320, 1 / 30],
  ]);

const eastM = (x: number, y: number): number =>
  300 +
  x +
  2 * y +
  0.1 * x * x +
  0.1 * x * y +
  0.1 * Math.sqrt(Math.abs(x)) +
  COMMON(x) +
  wave(x, [
    [20, 1],
    [40, 1 / 3],
    [150, 1 / 12],
    [300, 1 / 30],
  ]);

/** WGS-84 degrees → GCJ-02 degrees. */
export const toGcj02 = (place: Place): Place => {
  if (!isShifted(place)) return place;
  const [x, y] = [place.lon - 105, place.lat - 35];
  const latRad = (place.lat * Math.PI) / 180;
  const magic = 1 - ECCENTRICITY2 * Math.sin(latRad) ** 2;
  const root = Math.sqrt(magic);
  const meridianM = (AXIS_M * (1 - ECCENTRICITY2)) / (magic * root);
  const parallelM = (AXIS_M / root) * Math.cos(latRad);
  return {
    lat: place.lat + (northM(x, y) * 180) / (meridianM * Math.PI),
    lon: place.lon + (eastM(x, y) * 180) / (parallelM * Math.PI),
  };
};

/** Opens the way there in Amap, in the app where it is installed. */
export const amapLink = (place: Place, name: string): string => {
  const { lat, lon } = toGcj02(place);
  const to = `${lon.toFixed(6)},${lat.toFixed(6)},${name.replaceAll(',', ' ')}`;
  const query = new URLSearchParams({
    to,
    mode: 'car',
    coordinate: 'gaode',
    callnative: '1',
    src: 'precall',
  });
  return `https://uri.amap.com/navigation?${query}`;
};
