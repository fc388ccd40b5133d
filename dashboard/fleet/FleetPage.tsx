import { useState } from 'preact/hooks';
import type { EquipmentView } from '../../api/contract/schemas.ts';
import { byCondition, type Condition, conditionOf, RANK } from '../format/condition.ts';
import { fleet, fleetCut, fleetState, loadFleet, MAX_FLEET, siteName, sites } from '../live/fleet.ts';
import { place, restate } from '../router.ts';
import { SearchIcon } from '../widgets/icons.tsx';
import { FailureNotice, Notice } from '../widgets/Notice.tsx';
import { Shape } from '../widgets/StateMark.tsx';
import { t } from '../words/words.ts';
import { Card } from './Card.tsx';

const PAGE = 120;

const matches = (machine: EquipmentView, find: string): boolean => {
  const text = `${machine.id} ${machine.name} ${machine.model} ${machine.className.en} ${machine.className.zh} ${siteName(machine.site)}`;
  return text.toLowerCase().includes(find.toLowerCase());
};

const narrow = (change: Readonly<Record<string, string>>): void => {
  const query = new URLSearchParams(place.peek().query);
  for (const [name, value] of Object.entries(change)) {
    if (value === '') query.delete(name);
    else query.set(name, value);
  }
  restate(query);
};

/** "1 down · 2 due · 11 normal": how many of each, worst first. */
const Summary = ({ machines }: { readonly machines: readonly EquipmentView[] }) => {
  const counts = new Map<Condition, number>();
  for (const machine of machines) {
    const condition = conditionOf(machine);
    counts.set(condition, (counts.get(condition) ?? 0) + 1);
  }
  if (machines.length > 0 && counts.get('normal') === machines.length)
    return <p class="summary">{t('fleet.allFine', { n: machines.length })}</p>;
  return (
    <ul class="summary">
      {[...counts]
        .sort(([a], [b]) => RANK[a] - RANK[b])
        .map(([condition, count]) => (
          <li key={condition}>
            <Shape condition={condition} size={12} />
            <b class="num">{count}</b> {t(`state.${condition}`)}
          </li>
        ))}
    </ul>
  );
};

const Skeletons = () => (
  <div class="grid" aria-busy="true">
    {Array.from({ length: 8 }, (_, n) => (
      <div key={n} class="card skeleton-card">
        <span class="skeleton w40" />
        <span class="skeleton w70" />
        <span class="skeleton block" />
        <span class="skeleton w90" />
      </div>
    ))}
  </div>
);

const Grid = ({ machines }: { readonly machines: readonly EquipmentView[] }) => {
  const [shown, setShown] = useState(PAGE);
  return (
    <>
      <div class="grid">
        {machines.slice(0, shown).map((machine) => (
          <Card key={machine.id} machine={machine} />
        ))}
      </div>
      {machines.length > shown && (
        <button type="button" class="button wide" onClick={() => setShown(shown + PAGE)}>
          {t('fleet.more', { n: Math.min(PAGE, machines.length - shown) })}
        </button>
      )}
    </>
  );
};

/** The fleet as small multiples, worst first. */
export const FleetPage = () => {
  const state = fleetState.value;
  const { query } = place.value;
  const [site, find] = [query.get('site') ?? '', query.get('find') ?? ''];
  const ofSite = [...fleet.value.values()].filter((machine) => site === '' || machine.site === site);
  const machines = ofSite.filter((machine) => matches(machine, find)).sort(byCondition);
  return (
    <div class="page">
      <div class="page-head">
        <h1>{t('fleet.title')}</h1>
        {state === 'ready' && <Summary machines={ofSite} />}
        <div class="filters" hidden={state === 'ready' && fleet.value.size === 0}>
          {sites.value.size > 1 && (
            <select
              aria-label={t('fleet.site')}
              value={site}
              data-testid="site-filter"
              onChange={(event) => narrow({ site: event.currentTarget.value })}
            >
              <option value="">{t('fleet.allSites')}</option>
              {[...sites.value.values()]
                .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
                .map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.name}
                  </option>
                ))}
            </select>
          )}
          <label class="search">
            <SearchIcon />
            <input
              type="search"
              aria-label={t('fleet.find')}
              placeholder={t('fleet.find')}
              value={find}
              onInput={(event) => narrow({ find: event.currentTarget.value })}
            />
          </label>
        </div>
      </div>
      {state === 'loading' ? (
        <Skeletons />
      ) : state !== 'ready' ? (
        <FailureNotice failure={state} retry={() => void loadFleet()} />
      ) : fleet.value.size === 0 ? (
        <Notice title={t('fleet.empty.title')} text={t('fleet.empty.text')} />
      ) : machines.length === 0 ? (
        <Notice title={t('fleet.noMatch.title')} text={t('fleet.noMatch.text')}>
          <button type="button" class="button" onClick={() => narrow({ site: '', find: '' })}>
            {t('fleet.clear')}
          </button>
        </Notice>
      ) : (
        <Grid machines={machines} />
      )}
      {fleetCut.value && <p class="quiet small">{t('fleet.limit', { n: MAX_FLEET })}</p>}
    </div>
  );
};
