import { type Catalogue, faultOf, type Words } from '../fault/catalogue.ts';
import type { Alert, Crossing } from './alert.ts';
import { detectorWords } from './detector-words.ts';
import { duration, figure } from './figure.ts';

export { duration, figure } from './figure.ts';

/** `bay7` → "Bay 7" / 「7 号位」; other units are shown as they are named. */
export const unitWords = (unit: string): Words => {
  const bay = /^bay(\d+)$/i.exec(unit);
  if (bay) return { en: `Bay ${bay[1]}`, zh: `${bay[1]} 号位` };
  return { en: unit, zh: unit };
};

const place = (catalogue: Catalogue, unit: string, component: string): Words => {
  const item = catalogue.items.get(component)?.name ?? { en: component, zh: component };
  const at = unitWords(unit);
  if (unit === '') return { en: item.en.charAt(0).toUpperCase() + item.en.slice(1), zh: item.zh };
  return { en: `${at.en} ${item.en}`, zh: `${at.zh}${item.zh}` };
};

/** By when: "About 9 days to the 2.00 % limit (6–14 days)". Beyond it already where the level has passed it. */
const crossingWords = (crossing: Crossing, nowMs: number, limit: string): Words => {
  if (crossing.atMs <= nowMs) return { en: `Past the ${limit} limit`, zh: `已超过 ${limit} 限值` };
  const about = duration(crossing.atMs - nowMs).words;
  const early = duration(crossing.earliestMs - nowMs).words;
  const late =
    crossing.latestMs === null ? { en: 'open', zh: '不定' } : duration(crossing.latestMs - nowMs).words;
  const range =
    early.en === late.en
      ? { en: '', zh: '' }
      : { en: ` (${early.en} – ${late.en})`, zh: `（${early.zh} – ${late.zh}）` };
  return {
    en: `About ${about.en} to the ${limit} limit${range.en}`,
    zh: `预计 ${about.zh}到 ${limit} 限值${range.zh}`,
  };
};

/** What, where, how bad and by when, in one sentence of each language (UI.md, "The words"). */
export const alertWords = (
  catalogue: Catalogue,
  alert: Pick<Alert, 'unit' | 'component' | 'rule' | 'evidence'>,
): Words => {
  const where = place(catalogue, alert.unit, alert.component);
  const { evidence } = alert;
  const seenBy = detectorWords(catalogue, alert);
  if (seenBy) return { en: `${where.en}: ${seenBy.en}`, zh: `${where.zh}：${seenBy.zh}` };
  if (evidence.code !== null) {
    const fault = faultOf(catalogue, evidence.code);
    const { detail } = evidence;
    if (!fault.known) return { en: `${where.en}: ${fault.name.en}`, zh: `${where.zh}：${fault.name.zh}` };
    return {
      en: `${where.en}: ${fault.name.en} ${fault.code}, ${fault.feels.en}${detail ? ` (${detail})` : ''}`,
      zh: `${where.zh}：${fault.name.zh} ${fault.code}，${fault.feels.zh}${detail ? `（${detail}）` : ''}`,
    };
  }
  const signal = evidence.metric === null ? undefined : catalogue.signals.get(evidence.metric);
  const name = signal?.name ?? { en: evidence.metric ?? 'signal', zh: evidence.metric ?? '信号' };
  const unit = signal?.unit ? ` ${signal.unit}` : '';
  const seen = evidence.seen === null ? '' : ` ${figure(evidence.seen)}${unit}`;
  const band = evidence.expected;
  const normal = band
    ? {
        en: `, normally ${figure(band.low)}–${figure(band.high)}${unit}`,
        zh: `，正常 ${figure(band.low)}–${figure(band.high)}${unit}`,
      }
    : { en: '', zh: '' };
  const { crossing } = evidence;
  if (crossing) {
    const limit = `${figure(crossing.limit)}${unit}`;
    const forecast = crossingWords(crossing, evidence.window.toMs, limit);
    return {
      en: `${where.en}: ${name.en}${seen} and moving${normal.en}. ${forecast.en}`,
      zh: `${where.zh}：${name.zh}${seen}，仍在变化${normal.zh}。${forecast.zh}`,
    };
  }
  return {
    en: `${where.en}: ${name.en}${seen}${normal.en}`,
    zh: `${where.zh}：${name.zh}${seen}${normal.zh}`,
  };
};

/** A person's report in one sentence: where, and what they said; their words stay in their language. */
export const reportWords = (
  catalogue: Catalogue,
  report: { readonly unit: string; readonly component: string; readonly words: string | null },
): Words => {
  const where = place(catalogue, report.unit, report.component);
  const said = report.words?.trim();
  return said
    ? { en: `${where.en}: reported, “${said}”`, zh: `${where.zh}：报修「${said}」` }
    : { en: `${where.en}: reported by a person`, zh: `${where.zh}：人工报修` };
};

/** What to bring or do for a ticket's cause. */
export const bringWords = (catalogue: Catalogue, cause: string, component: string): Words => {
  const fault = catalogue.faults.get(cause);
  if (fault) return fault.remedy;
  const item = catalogue.items.get(component)?.name ?? { en: component, zh: component };
  return { en: `tools and wearing parts of the ${item.en}`, zh: `${item.zh}工具与易损件` };
};
