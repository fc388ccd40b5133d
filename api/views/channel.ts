import { shownUrl } from '../../core/notice/settings.ts';
import type { Channel, Delivery } from '../../store/notices.ts';
import type { ChannelView, DeliveryView, NoticeView } from '../contract/notices.ts';
import { iso, isoOrNull } from './time.ts';

export const channelView = (channel: Channel): ChannelView => ({
  id: channel.id,
  kind: channel.kind,
  url: shownUrl(channel.url),
  audience: channel.audience,
  language: channel.language,
  perMinute: channel.perMinute,
  disabled: channel.disabled,
  createdAt: iso(channel.createdAtMs),
  lastSentAt: isoOrNull(channel.lastSentAtMs),
  failures: channel.failures,
  pausedUntil: isoOrNull(channel.pausedUntilMs),
  pauseReason: channel.pauseReason,
});

export const deliveryView = (delivery: Delivery, notice: NoticeView): DeliveryView => ({
  id: delivery.id,
  channel: delivery.channel,
  state: delivery.state,
  attempts: delivery.attempts,
  createdAt: iso(delivery.createdAtMs),
  dueAt: iso(delivery.dueAtMs),
  endedAt: isoOrNull(delivery.endedAtMs),
  reason: delivery.reason,
  message: delivery.message,
  notice,
});
