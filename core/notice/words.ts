import type { Words } from '../fault/catalogue.ts';
import type { Notice, NoticeKind } from './notice.ts';

type Head = (notice: Pick<Notice, 'crew' | 'channel' | 'severity'>) => Words;

const plain =
  (en: string, zh: string): Head =>
  () => ({ en, zh });

const HEADS: Readonly<Record<NoticeKind, Head>> = {
  'attendant-asked': plain('Please look at it on site', '请现场查看'),
  assigned: plain('New job, please acknowledge', '新工单：请确认接单'),
  withdrawn: plain('No longer your job, another crew is asked', '工单已改派，无需前往'),
  declined: ({ crew }) => ({ en: `Crew ${crew} gave it back`, zh: `班组 ${crew} 已退回工单` }),
  'not-acknowledged': ({ crew }) => ({
    en: `Crew ${crew} did not acknowledge in time`,
    zh: `班组 ${crew} 未按时确认`,
  }),
  'no-crew': plain('No crew can be found', '没有可派的班组'),
  escalated: plain('Nobody has acknowledged yet', '仍无人确认'),
  'severity-raised': ({ severity }) => ({ en: `Now ${severity}`, zh: `级别升为 ${severity}` }),
  'promise-at-risk': plain('The promised arrival is at risk', '可能无法按承诺时间到场'),
  'promise-broken': plain('Not on site by the promised time', '未按承诺时间到场'),
  'recovery-not-seen': plain('Said to be repaired, recovery not seen', '已报修复，尚未看到恢复'),
  reopened: plain('Open again', '工单重新打开'),
  cancelled: plain('Cancelled', '工单已取消'),
  closed: plain('Closed', '工单已关闭'),
  'channel-paused': ({ channel }) => ({
    en: `Channel ${channel} fails and is paused`,
    zh: `通知渠道 ${channel} 持续失败，已暂停`,
  }),
  test: ({ channel }) => ({ en: `Test of channel ${channel}`, zh: `通知渠道 ${channel} 测试` }),
};

/** What a notice is about, in words that name no person. */
export interface About {
  /** Name of the machine, with its site's. */
  readonly place: string;
  /** One sentence: what, where, how bad, by when. */
  readonly summary: Words;
}

/** A notice in one line of each language. */
export const noticeWords = (notice: Notice, about: About | null): Words => {
  const head = HEADS[notice.kind](notice);
  if (about === null) return head;
  const severity = notice.severity === null ? '' : `${notice.severity} `;
  return {
    en: `${severity}${head.en} · ${about.place} · ${about.summary.en}`,
    zh: `${severity}${head.zh} · ${about.place} · ${about.summary.zh}`,
  };
};
