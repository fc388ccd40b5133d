import type { EquipmentDetailView } from '../../api/contract/schemas.ts';
import { now } from '../clock/now.ts';
import { conditionOf } from '../format/condition.ts';
import { msOrNull, when } from '../format/time.ts';
import { siteName, zoneOf } from '../live/fleet.ts';
import { BackIcon } from '../widgets/icons.tsx';
import { StateMark } from '../widgets/StateMark.tsx';
import { Ago } from '../widgets/Time.tsx';
import { say, t } from '../words/words.ts';

const Online = ({ machine }: { readonly machine: EquipmentDetailView }) => {
  const zone = zoneOf(machine.site);
  const since = msOrNull(machine.onlineAt);
  const heard = msOrNull(machine.lastHeardAt);
  const word =
    machine.online === 'online'
      ? t('online.online')
      : machine.online === 'unknown'
        ? t('online.unknown')
        : since === null
          ? t('online.offlineShort')
          : t('online.offline', { time: when(since, now.value, zone) });
  return (
    <>
      <span>
        <span class={`online-dot ${machine.online}`} aria-hidden="true" />
        {word}
      </span>
      {heard !== null && (
        <span class="quiet">
          <Ago ms={heard} zone={zone} />
        </span>
      )}
    </>
  );
};

export const Header = ({ machine }: { readonly machine: EquipmentDetailView }) => (
  <header class="machine-head">
    <a class="back" href="/">
      <BackIcon />
      {t('equipment.back')}
    </a>
    <div class="machine-title">
      <h1>{machine.name}</h1>
      <StateMark condition={conditionOf(machine)} />
    </div>
    <p class="facts">
      <span>{siteName(machine.site)}</span>
      <span>
        {say(machine.className)} · {machine.model}
      </span>
      <Online machine={machine} />
      {machine.firmware !== null && (
        <span class="quiet">
          {t('equipment.firmware')} {machine.firmware}
        </span>
      )}
    </p>
  </header>
);
