import { connectAsync, type MqttClient } from 'mqtt';
import { listen, type Stream } from '../../../api/testing/stream.ts';
import { precall, type Service } from '../../system/service.ts';

/** One machine that is watched closely while the others make load. */
export interface Probe {
  /** From PUBACK until the API shows the value, ms; null when it took longer than `limitMs`. */
  fresh(limitMs: number): Promise<number | null>;
  /** From publishing a fault until its ticket is heard on the event stream, ms; null as above. */
  ticket(limitMs: number): Promise<number | null>;
  close(): Promise<void>;
}

const LOOK_MS = 10;
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Latest {
  readonly unit: string;
  readonly metric: string;
  readonly value: number;
}

const noDelay = (client: MqttClient): void => {
  const { stream } = client as unknown as { readonly stream: { setNoDelay?: (on: boolean) => void } };
  stream.setNoDelay?.(true);
};

export const startProbe = async (service: Service, token: string): Promise<Probe> => {
  const id = 'probe-1';
  const added = await precall(
    ['equipment', 'add', id, '--site', 'sim', '--model', 'PSH-7', '--json'],
    service.env,
  );
  if (added.code !== 0) throw new Error(added.stderr);
  const { secret } = JSON.parse(added.stdout) as { secret: string };
  const client = await connectAsync(service.mqtt, { clientId: id, username: id, password: secret });
  noDelay(client);
  const authorization = `Bearer ${token}`;
  const events: Stream = await listen(`${service.http}/api/v1/events`, { authorization });
  let turn = 0;

  const latest = async (): Promise<readonly Latest[]> => {
    const response = await fetch(`${service.http}/api/v1/equipment/${id}`, { headers: { authorization } });
    return response.ok ? ((await response.json()) as { latest: Latest[] }).latest : [];
  };

  const fresh = async (limitMs: number): Promise<number | null> => {
    const value = ++turn;
    const reading = { ts: Date.now(), seq: value, unit: 'bay1', values: { probeCount: value } };
    await client.publishAsync(`v1/sim/${id}/telemetry`, JSON.stringify(reading), { qos: 1 });
    const ackedMs = performance.now();
    while (performance.now() - ackedMs < limitMs) {
      const shown = (await latest()).some((entry) => entry.metric === 'probeCount' && entry.value === value);
      if (shown) return performance.now() - ackedMs;
      await wait(LOOK_MS);
    }
    return null;
  };

  const ticket = async (limitMs: number): Promise<number | null> => {
    // A unit of its own each time: one ticket is open for a unit's item at once.
    const unit = `bay${++turn}`;
    const fault = { ts: Date.now(), seq: turn, unit, code: 'G06', active: true };
    const startMs = performance.now();
    await client.publishAsync(`v1/sim/${id}/fault`, JSON.stringify(fault), { qos: 1 });
    try {
      await events.until(
        ({ event, data }) =>
          event === 'ticket' &&
          JSON.stringify(data).includes(id) &&
          JSON.stringify(data).includes(`"${unit}"`),
        limitMs,
      );
      return performance.now() - startMs;
    } catch {
      return null;
    }
  };

  return {
    fresh,
    ticket,
    close: async () => {
      events.close();
      await client.endAsync(true);
    },
  };
};
