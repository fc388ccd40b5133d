import { map, type OperatorFunction } from 'rxjs';
import type { AlertEvent } from '../core/alert/alert.ts';
import type { Place } from '../core/detect/announce.ts';
import { derivedOf, isDue, lifeOfEvent } from '../core/detect/derive.ts';
import { noteDue, takeDue } from '../core/detect/due.ts';
import { awaitsTick, type Input, step } from '../core/detect/engine.ts';
import type { Connection } from '../core/equipment/connection.ts';
import type { Catalogue } from '../core/fault/catalogue.ts';
import type { Reading } from '../core/telemetry/reading.ts';
import type { Control } from '../store/log.ts';
import { type Batch, firstOffset, mapItems, type Origin } from './batch.ts';
import { type Memory, remembered, share, takePopulation, takeRules, touch, touchUnit } from './memory.ts';
import type { Ordered } from './order.ts';
import { noteRaised, renumbering } from './raised.ts';

export interface Judged extends Origin {
  readonly equipment: string;
  readonly channel: Ordered['channel'];
  readonly rejected: Ordered['rejected'];
  readonly events: readonly AlertEvent[];
  readonly connections: readonly { readonly equipment: string; readonly connection: Connection }[];
}

/** More missing seconds than this, and the service was away; a busy moment of it is not. */
const TICK_GAP_MS = 15_000;

type Tell = (equipment: string, input: Input) => void;

const tellControl = (memory: Memory, offset: number, control: Control, tell: Tell): void => {
  switch (control.type) {
    case 'repaired': {
      const { equipment, unit, component, repairedAtMs } = control;
      tell(equipment, { kind: 'repaired', unit, component, repairedAtMs });
      return;
    }
    case 'rules':
      if (takeRules(memory, offset, control))
        for (const id of [...memory.equipment.keys()].sort()) tell(id, { kind: 'rules' });
      return;
    case 'population':
      takePopulation(memory, offset, control.population);
      return;
    case 'registered':
      for (const { id, model } of control.equipment) tell(id, { kind: 'registered', model });
      return;
    case 'warmed':
      tell(control.equipment, { kind: 'warmed', unit: control.unit, warmth: control.warmth });
      return;
    case 'derived':
      return;
    default:
      for (const id of control.equipment)
        tell(id, { kind: control.type, connectionId: control.connectionId });
  }
};

const tellTick = (memory: Memory, { offset, receivedAtMs: nowMs }: Origin, tell: Tell): void => {
  const { lastTickMs } = memory.shared;
  share(memory, offset, { lastTickMs: Math.max(nowMs, lastTickMs ?? nowMs) });
  const isGap = lastTickMs !== null && nowMs - lastTickMs > TICK_GAP_MS;
  const due = takeDue(memory.due, nowMs);
  const concerned = isGap ? memory.equipment.keys() : new Set([...memory.awaiting, ...due]);
  const tick: Input = { kind: 'tick', afterGapSince: isGap ? lastTickMs : null };
  for (const id of [...concerned].sort()) tell(id, tick);
};

const tellItem = (memory: Memory, item: Ordered, tell: Tell): void => {
  const { said } = item;
  if (item.connectionId !== '' && said.kind !== 'status')
    tell(item.equipment, { kind: 'heard', connectionId: item.connectionId });
  for (const reading of item.released) tell(reading.equipment, { kind: 'reading', reading });
  if (said.kind === 'fault') tell(item.equipment, { kind: 'fault', report: said.report });
  else if (said.kind === 'status') tell(item.equipment, { kind: 'status', report: said.report });
  else if (said.kind === 'control') tellControl(memory, item.offset, said.control, tell);
  else if (said.kind === 'tick') tellTick(memory, item, tell);
};

/**
 * Runs the engine over every item: one item out for each in, with the alert events and connection
 * changes that it caused, keyed by its record. A function of the records since the memory began, whatever
 * the batches were. `onRefusedFault` is called for each fault code that an equipment had no room for, `onDerived`
 * for what is worked out beside what was measured.
 */
export const detect = (
  catalogue: Catalogue,
  memory: Memory,
  onRefusedFault: () => void = () => undefined,
  onDerived: (reading: Reading) => void = () => undefined,
): OperatorFunction<Batch<Ordered>, Batch<Judged>> =>
  map((batch) => {
    const since = firstOffset(batch);
    return mapItems(batch, (item): Judged => {
      const { partition, offset, receivedAtMs } = item;
      const place: Place = { partition, offset, receivedAtMs, nextIndex: 0 };
      const again = offset <= memory.told ? renumbering(memory.raised, place) : null;
      const events: AlertEvent[] = [];
      const connections: { equipment: string; connection: Connection }[] = [];
      tellItem(memory, item, (id, input) => {
        const known = remembered(memory, id);
        if (!known) return;
        if (offset <= known.fence) {
          noteDue(memory.due, id, known.state.dueMs);
          return;
        }
        again?.begin(id);
        const { refusedFaults } = known.state;
        const beforeMs =
          input.kind === 'reading' ? (known.state.newest.get(input.reading.unit)?.tsMs ?? null) : null;
        const {
          state,
          events: raised,
          connection,
        } = step(
          { catalogue, rules: memory.rules, populations: memory.shared.populations },
          id,
          known.state,
          input,
          place,
        );
        known.state = state;
        if (input.kind === 'reading' && isDue(input.reading.tsMs, beforeMs)) {
          const derived = derivedOf(state, input.reading);
          if (derived) onDerived(derived);
        }
        for (let i = refusedFaults; i < state.refusedFaults; i++) onRefusedFault();
        const [first] = raised;
        if (first && again) again.raised(id);
        else if (first) noteRaised(memory.raised, id, offset, first.key.index);
        for (const event of raised) {
          events.push(event);
          const life = lifeOfEvent(event);
          if (life) onDerived(life);
          touchUnit(memory, id, event.unit, since);
        }
        if (connection) connections.push({ equipment: id, connection });
        if (input.kind === 'reading') touchUnit(memory, id, input.reading.unit, since);
        if (input.kind === 'repaired' || input.kind === 'warmed') touchUnit(memory, id, input.unit, since);
        // New rules are told to every machine; of one that lost no alert they change nothing that a restart would not.
        if (input.kind !== 'rules' || raised.length > 0) touch(memory, id, since);
        if (awaitsTick(state)) memory.awaiting.add(id);
        else memory.awaiting.delete(id);
        noteDue(memory.due, id, state.dueMs);
      });
      const { equipment, channel, rejected } = item;
      return { partition, offset, receivedAtMs, equipment, channel, rejected, events, connections };
    });
  });
