import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions, Response } from 'light-my-request';
import pino from 'pino';
import { loadCatalogue } from '../../catalogue/load.ts';
import type { AlertEvent } from '../../core/alert/alert.ts';
import type { Crew } from '../../core/crew/crew.ts';
import type { Reading } from '../../core/telemetry/reading.ts';
import type { Grant, Ledger, Role } from '../../store/ledger.ts';
import { hashSecret, newSecret, secretKey } from '../../store/secret.ts';
import { openSqliteLedger } from '../../store/sqlite/ledger.ts';
import { openSqliteTelemetry } from '../../store/sqlite/telemetry.ts';
import type { TelemetryStore } from '../../store/telemetry.ts';
import { systemTimers } from '../../time/system.ts';
import { type BuiltApi, buildApi } from '../build.ts';
import type { ApiOptions } from '../options.ts';

/** 2026-01-05 was a Monday. */
export const NOW_MS = Date.parse('2026-01-05T10:00:00Z');

export interface Bench extends BuiltApi {
  readonly ledger: Ledger;
  readonly telemetry: TelemetryStore;
  /** Unix ms that the service sees. */
  readonly time: { nowMs: number };
  /** A bearer token of the role, by its label. */
  token(role: Role, crew?: string | null): Promise<string>;
  /** Another token, whose label others may have too. */
  newToken(label: string, role: Role, crew?: string | null): Promise<string>;
  /** The cookie of a session of its own, of a user whose rights these become. */
  session(user: string, role: Role, crew?: string | null): Promise<string>;
  /** Asks as the role. */
  ask(role: Role | null, request: InjectOptions, crew?: string | null): Promise<Response>;
  close(): Promise<void>;
}

/** The API over the real SQLite stores in a folder of its own; every answer is checked against its schema. */
export const openBench = async (overrides: Partial<ApiOptions> = {}): Promise<Bench> => {
  const folder = await mkdtemp(join(tmpdir(), 'precall-api-'));
  const time = { nowMs: NOW_MS };
  const clock = () => time.nowMs;
  const ledger = await openSqliteLedger({ path: join(folder, 'ledger.db'), clock });
  const telemetry = await openSqliteTelemetry({ path: join(folder, 'telemetry.db') });
  let ids = 0;
  const built = await buildApi({
    ledger,
    telemetry,
    catalogue: await loadCatalogue(),
    timers: { ...systemTimers, now: clock },
    newId: () => `id-${++ids}`,
    publicUrl: 'http://precall.test',
    dashboardDir: null,
    stats: () => [],
    health: () => ({ ready: true, codes: [], reasons: [] }),
    readers: () => [],
    logger: pino({ level: process.env.API_LOG ?? 'silent' }),
    checkAnswers: true,
    ...overrides,
  });
  const key = await secretKey(ledger);
  const tokens = new Map<string, Promise<string>>();

  const grant = async (by: Pick<Grant, 'kind' | 'subject' | 'role' | 'crew'>): Promise<string> => {
    const secret = newSecret();
    const hash = hashSecret(key, secret);
    await ledger.people.grant({ ...by, hash, createdAtMs: time.nowMs, expiresAtMs: null });
    return secret;
  };
  const newToken = (subject: string, role: Role, crew: string | null = null): Promise<string> =>
    grant({ kind: 'token', subject, role, crew });
  const session = async (subject: string, role: Role, crew: string | null = null): Promise<string> => {
    // A session has the rights that its user has by now.
    await ledger.people.put({ id: subject, role, crew, passwordHash: '-', disabled: false }, time.nowMs);
    return `precall_session=${await grant({ kind: 'session', subject, role, crew })}`;
  };
  const token = (role: Role, crew: string | null = null): Promise<string> => {
    const name = `${role}@${crew}`;
    const made = tokens.get(name) ?? newToken(crew ? `${role}@${crew}` : role, role, crew);
    tokens.set(name, made);
    return made;
  };

  return {
    ...built,
    ledger,
    telemetry,
    time,
    token,
    newToken,
    session,
    ask: async (role, request, crew = null) => {
      const authorization = role === null ? {} : { authorization: `Bearer ${await token(role, crew)}` };
      return built.app.inject({ ...request, headers: { ...authorization, ...request.headers } });
    },
    close: async () => {
      await built.app.close();
      await telemetry.close();
      await ledger.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

export const crew = (id: string, over: Partial<Crew> = {}): Crew => ({
  id,
  name: `Crew ${id}`,
  station: null,
  position: { lat: 31.2, lon: 121.4 },
  skills: ['PSH'],
  shifts: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }],
  timeZone: 'Asia/Shanghai',
  active: true,
  ...over,
});

/** One site with the machines `g1` (lift-slide garage) and `f1` (fridge), and the crews `c1` and `c2`. */
export const furnish = async ({ ledger }: Pick<Bench, 'ledger'>): Promise<void> => {
  const site = {
    id: 's1',
    name: 'East gate',
    position: { lat: 31.23, lon: 121.47 },
    timeZone: 'Asia/Shanghai',
  };
  await ledger.sites.put(site, NOW_MS);
  await ledger.equipment.put({ id: 'g1', site: 's1', model: 'PSH-7', name: 'Garage east' }, NOW_MS);
  await ledger.equipment.put({ id: 'f1', site: 's1', model: 'fridge-A', name: 'Fridge' }, NOW_MS);
  await ledger.crews.put(crew('c1'), NOW_MS);
  await ledger.crews.put(crew('c2'), NOW_MS);
};

export const reading = (tsMs: number, values: Reading['values'], over: Partial<Reading> = {}): Reading => ({
  equipment: 'g1',
  unit: 'bay7',
  tsMs,
  tsSource: 'device',
  seq: null,
  receivedAtMs: tsMs + 50,
  values,
  ...over,
});

/** An event of a drifting hoist current, as the watcher writes it. */
export const driftEvent = (offset: number, over: Partial<AlertEvent> = {}): AlertEvent => ({
  key: { partition: 0, offset, index: 0 },
  alert: `a${offset}`,
  type: 'raised',
  reason: 'drifting-to-limit',
  atMs: NOW_MS - 60_000,
  receivedAtMs: NOW_MS - 59_000,
  equipment: 'g1',
  unit: 'bay7',
  component: 'hoist',
  rule: 'drift:hoistCurrentA',
  severity: 'S2',
  evidence: {
    detector: { name: 'drift', version: 1 },
    metric: 'hoistCurrentA',
    code: null,
    window: { fromMs: NOW_MS - 3_600_000, toMs: NOW_MS - 60_000 },
    expected: { low: 8, high: 9.5 },
    seen: 10.4,
    crossing: {
      limit: 11,
      atMs: NOW_MS + 9 * 86_400_000,
      earliestMs: NOW_MS + 6 * 86_400_000,
      latestMs: null,
    },
    sample: { tsMs: [NOW_MS - 120_000, NOW_MS - 60_000], value: [10.2, 10.4] },
    detail: null,
  },
  ...over,
});
