import type { Channel } from '../store/log.ts';

/** Where an equipment may speak: one of its three topics. */
export interface Target {
  readonly equipment: string;
  readonly site: string;
  readonly channel: Channel;
}

const CHANNELS: readonly Channel[] = ['telemetry', 'fault', 'status'];
const ID = '[A-Za-z0-9_-]{1,64}';
const PUBLISH = new RegExp(`^v1/(${ID})/(${ID})/(telemetry|fault|status)$`);

/** Null where the topic is not `v1/{site}/{equipment}/{telemetry|fault|status}`. */
export const parseTopic = (topic: string): Target | null => {
  const match = PUBLISH.exec(topic);
  if (!match) return null;
  const [, site, equipment, channel] = match as unknown as [string, string, string, Channel];
  return { site, equipment, channel };
};

export const serviceTopic = (site: string, equipment: string): string => `v1/${site}/${equipment}/service`;

/** Every topic that may be published to for these equipments. */
export const publishTopics = (
  equipment: readonly { readonly id: string; readonly site: string }[],
): ReadonlyMap<string, Target> =>
  new Map(
    equipment.flatMap(({ id, site }) =>
      CHANNELS.map((channel): [string, Target] => [
        `v1/${site}/${id}/${channel}`,
        { equipment: id, site, channel },
      ]),
    ),
  );

export type TopicFault = 'topic-wildcard' | 'topic-malformed' | 'topic-not-own';

/** Names what is wrong with a topic that is not one's own. */
export const topicFault = (topic: string): TopicFault => {
  if (topic.includes('+') || topic.includes('#')) return 'topic-wildcard';
  return parseTopic(topic) === null ? 'topic-malformed' : 'topic-not-own';
};
