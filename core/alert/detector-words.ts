import { type Catalogue, faultOf, type Words } from '../fault/catalogue.ts';
import type { Alert } from './alert.ts';
import { duration, figure } from './figure.ts';

type Told = Pick<Alert, 'rule' | 'evidence'>;

const signalWords = (
  catalogue: Catalogue,
  { evidence }: Told,
): { readonly name: Words; readonly unit: string } => {
  const metric = evidence.metric ?? '';
  const signal = catalogue.signals.get(metric);
  return { name: signal?.name ?? { en: metric, zh: metric }, unit: signal?.unit ? ` ${signal.unit}` : '' };
};

const lastedWords = ({ evidence }: Told): Words =>
  duration(Math.max(0, evidence.window.toMs - evidence.window.fromMs)).words;

const rangeOf = (band: { readonly low: number; readonly high: number }, unit: string): string =>
  `${figure(band.low)}–${figure(band.high)}${unit}`;

const stuck = (catalogue: Catalogue, alert: Told): Words => {
  const { name, unit } = signalWords(catalogue, alert);
  const value = `${figure(alert.evidence.seen ?? 0)}${unit}`;
  const lasted = lastedWords(alert);
  return {
    en: `${name.en} stuck at ${value} for ${lasted.en}`,
    zh: `${name.zh}停在 ${value} 已 ${lasted.zh}`,
  };
};

const wild = (catalogue: Catalogue, alert: Told): Words => {
  const { name, unit } = signalWords(catalogue, alert);
  const value = `${figure(alert.evidence.seen ?? 0)}${unit}`;
  return {
    en: `${name.en} gave readings that cannot be, as ${value}`,
    zh: `${name.zh}出现不可能的读数，如 ${value}`,
  };
};

const counter = (catalogue: Catalogue, alert: Told): Words => {
  const { name } = signalWords(catalogue, alert);
  const value = figure(alert.evidence.seen ?? 0);
  if (alert.rule.startsWith('counter-still:'))
    return {
      en: `${name.en} stands still at ${value} while it works`,
      zh: `设备在运行，${name.zh}却停在 ${value}`,
    };
  return { en: `${name.en} did not count on, it shows ${value}`, zh: `${name.zh}未连续计数，现为 ${value}` };
};

const noData = (_: Catalogue, alert: Told): Words => {
  const lasted = lastedWords(alert);
  if (alert.rule === 'no-data:offline')
    return { en: `connection lost, nothing heard for ${lasted.en}`, zh: `连接断开，已 ${lasted.zh}无数据` };
  return { en: `nothing heard for ${lasted.en}`, zh: `已 ${lasted.zh}无数据` };
};

const codeRate = (catalogue: Catalogue, alert: Told): Words => {
  const { evidence } = alert;
  const fault = faultOf(catalogue, evidence.code ?? '');
  const name = fault.known ? `${fault.name.en} ${fault.code}` : fault.name.en;
  const nameZh = fault.known ? `${fault.name.zh} ${fault.code}` : fault.name.zh;
  const seen = figure(evidence.seen ?? 0);
  const usual = evidence.expected ? rangeOf(evidence.expected, '') : '';
  return {
    en: `${name} unusually often: ${seen} a day${usual && `, normally ${usual}`}`,
    zh: `${nameZh} 异常频繁：每天 ${seen} 次${usual && `，正常 ${usual} 次`}`,
  };
};

const peers = (catalogue: Catalogue, alert: Told): Words => {
  const { name, unit } = signalWords(catalogue, alert);
  const { evidence } = alert;
  const value = `${figure(evidence.seen ?? 0)}${unit}`;
  const others = evidence.peers ? rangeOf(evidence.peers.band, unit) : '';
  const model = evidence.peers?.model ?? '';
  return {
    en: `${name.en} ${value}${others && `, others of ${model} ${others}`}`,
    zh: `${name.zh} ${value}${others && `，同型号 ${model} 为 ${others}`}`,
  };
};

/** Metrics that are named beside the one that tells. */
const NAMED = 2;

const joint = (catalogue: Catalogue, alert: Told): Words => {
  const { evidence } = alert;
  const { name, unit } = signalWords(catalogue, alert);
  const value = `${figure(evidence.seen ?? 0)}${unit}`;
  const usual = evidence.expected ? rangeOf(evidence.expected, unit) : '';
  const names = (evidence.others ?? []).slice(0, NAMED).map(({ metric }) => {
    const signal = catalogue.signals.get(metric);
    return signal?.name ?? { en: metric, zh: metric };
  });
  const more =
    names.length === 0
      ? null
      : {
          en: names.map(({ en }) => en).join(', '),
          zh: names.map(({ zh }) => zh).join('、'),
        };
  return {
    en: `${name.en} ${value}${usual && `, normally ${usual}`}${more ? `; with ${more.en}` : ''}`,
    zh: `${name.zh} ${value}${usual && `，正常 ${usual}`}${more ? `；同时有${more.zh}` : ''}`,
  };
};

const spread = (catalogue: Catalogue, alert: Told): Words => {
  const { name, unit } = signalWords(catalogue, alert);
  const { seen, expected } = alert.evidence;
  const value = `${figure(seen ?? 0)}${unit}`;
  const usual = expected ? rangeOf(expected, unit) : '';
  return {
    en: `${name.en} scatters by ${value}${usual && `, normally ${usual}`}`,
    zh: `${name.zh}波动 ${value}${usual && `，正常 ${usual}`}`,
  };
};

const TELLING: Readonly<Record<string, (catalogue: Catalogue, alert: Told) => Words>> = {
  stuck,
  rate: wild,
  counter,
  'no-data': noData,
  'code-rate': codeRate,
  peers,
  spread,
  joint,
};

/** What these detectors saw, without the place; null for those that have no words of their own. */
export const detectorWords = (catalogue: Catalogue, alert: Told): Words | null =>
  TELLING[alert.evidence.detector.name]?.(catalogue, alert) ?? null;
