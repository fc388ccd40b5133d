import { useEffect, useRef, useState } from 'preact/hooks';
import type { EquipmentDetailView, TicketView } from '../../api/contract/schemas.ts';
import { catalogue, isAppliance } from '../client/catalogue.ts';
import { get } from '../client/http.ts';
import { session } from '../client/session.ts';
import { useSubmit } from '../client/submit.ts';
import { fleet, siteName } from '../live/fleet.ts';
import { takeTicket } from '../live/tickets.ts';
import { CloseIcon } from '../widgets/icons.tsx';
import { say, t } from '../words/words.ts';
import { unitOf } from './units.ts';

const SEVERITIES = ['S1', 'S2', 'S3'] as const;
const SOURCES = ['hotline', 'QR', 'attendant', 'crew'] as const;

const firstSource = (role: string | undefined): (typeof SOURCES)[number] =>
  role === 'attendant' ? 'attendant' : role === 'crew' ? 'crew' : 'hotline';

const MachineChoice = ({
  value,
  choose,
}: {
  readonly value: string;
  readonly choose: (id: string) => void;
}) => {
  const bySite = new Map<string, { id: string; name: string }[]>();
  for (const machine of fleet.value.values()) {
    const list = bySite.get(machine.site) ?? [];
    list.push(machine);
    bySite.set(machine.site, list);
  }
  const first = useRef<HTMLSelectElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <select
      id="new-equipment"
      ref={first}
      required
      value={value}
      data-testid="new-equipment"
      onChange={(event) => choose(event.currentTarget.value)}
    >
      <option value="">{t('new.equipment.choose')}</option>
      {[...bySite].map(([site, machines]) => (
        <optgroup key={site} label={siteName(site)}>
          {machines
            .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
            .map((machine) => (
              <option key={machine.id} value={machine.id}>
                {machine.name}
              </option>
            ))}
        </optgroup>
      ))}
    </select>
  );
};

/** The units that the chosen machine has been heard of with. */
const useUnits = (equipment: string): readonly string[] => {
  const [units, setUnits] = useState<readonly string[]>([]);
  useEffect(() => {
    setUnits([]);
    if (equipment === '') return;
    const abort = new AbortController();
    void get<EquipmentDetailView>(`/equipment/${equipment}`, {}, abort.signal).then((answer) => {
      if (!answer.ok) return;
      const heard = new Set(answer.value.series.map((one) => one.unit).filter((unit) => unit !== ''));
      setUnits([...heard].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })));
    });
    return () => abort.abort();
  }, [equipment]);
  return units;
};

/** A ticket from a call: as little as is needed, in the caller's words. */
export const NewTicket = ({
  close,
  opened,
}: {
  readonly close: () => void;
  readonly opened: (id: string, isNew: boolean) => void;
}) => {
  const [form, setForm] = useState({
    equipment: '',
    unit: '',
    component: '',
    severity: 'S2',
    source: firstSource(session.peek()?.role) as string,
    reporter: '',
    words: '',
  });
  const submit = useSubmit<TicketView>();
  const units = useUnits(form.equipment);
  const set = (change: Partial<typeof form>): void => setForm({ ...form, ...change });
  const kind = isAppliance(fleet.value.get(form.equipment)?.class ?? '') ? 'appliance' : 'garage';
  const items = (catalogue.value?.items ?? []).filter((item) => item.kind === 'both' || item.kind === kind);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (submit.busy) return;
    if (form.equipment === '') return submit.complain(t('new.missing'));
    const unit = unitOf(form.unit, units);
    if (unit === null) return submit.complain(t('new.unit.unknown', { units: units.join(', ') }));
    const filled = Object.fromEntries(
      Object.entries({ ...form, unit })
        .map(([name, value]) => [name, value.trim()] as const)
        .filter(([, value]) => value !== ''),
    );
    const answer = await submit.send('/tickets', filled);
    if (!answer.ok) return;
    takeTicket(answer.value);
    opened(answer.value.id, answer.status === 201);
  };
  return (
    <aside class="side-panel" aria-label={t('new.title')}>
      <header class="side-head">
        <h2>{t('new.title')}</h2>
        <button type="button" class="button plain square" aria-label={t('ticket.close')} onClick={close}>
          <CloseIcon />
        </button>
      </header>
      <form class="side-body stack" onSubmit={(event) => void send(event)} noValidate>
        <label class="field" for="new-equipment">
          <span>{t('new.equipment')}</span>
          <MachineChoice value={form.equipment} choose={(equipment) => set({ equipment })} />
        </label>
        <div class="two">
          <label class="field">
            <span>{t('new.unit')}</span>
            <input
              value={form.unit}
              list="new-units"
              maxLength={64}
              autocapitalize="none"
              spellcheck={false}
              data-testid="new-unit"
              onInput={(event) => set({ unit: event.currentTarget.value })}
            />
            <datalist id="new-units">
              {units.map((unit) => (
                <option key={unit} value={unit} />
              ))}
            </datalist>
            <small>{t('new.unit.hint')}</small>
          </label>
          <label class="field">
            <span>{t('new.component')}</span>
            <select
              value={form.component}
              onChange={(event) => set({ component: event.currentTarget.value })}
            >
              <option value="">{t('new.component.unknown')}</option>
              {items.map((item) => (
                <option key={item.id} value={item.id}>
                  {say(item.name)}
                </option>
              ))}
            </select>
          </label>
        </div>
        <fieldset class="field radios">
          <legend>{t('new.severity')}</legend>
          {SEVERITIES.map((severity) => (
            <label key={severity}>
              <input
                type="radio"
                name="severity"
                checked={form.severity === severity}
                onChange={() => set({ severity })}
              />
              {t(`new.severity.${severity}`)}
            </label>
          ))}
        </fieldset>
        <label class="field">
          <span>{t('new.words')}</span>
          <textarea
            rows={3}
            maxLength={2_000}
            value={form.words}
            data-testid="new-words"
            onInput={(event) => set({ words: event.currentTarget.value })}
          />
        </label>
        <div class="two">
          <label class="field">
            <span>{t('new.source')}</span>
            <select value={form.source} onChange={(event) => set({ source: event.currentTarget.value })}>
              {SOURCES.map((source) => (
                <option key={source} value={source}>
                  {t(`ticket.source.${source}`)}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            <span>{t('new.reporter')}</span>
            <input
              value={form.reporter}
              maxLength={200}
              onInput={(event) => set({ reporter: event.currentTarget.value })}
            />
            <small>{t('new.reporter.hint')}</small>
          </label>
        </div>
        {submit.problem !== null && (
          <p class="form-problem" role="alert">
            {submit.problem}
          </p>
        )}
        <button type="submit" class="button primary big" data-testid="confirm" disabled={submit.busy}>
          {submit.busy ? t('form.sending') : t('new.go')}
        </button>
      </form>
    </aside>
  );
};
