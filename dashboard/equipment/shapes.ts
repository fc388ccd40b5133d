import type { Static } from 'typebox';
import type { RemainingLife, SeriesInfo } from '../../api/contract/schemas.ts';

export type { AlertView, TicketView } from '../../api/contract/schemas.ts';
export type RemainingLifeView = Static<typeof RemainingLife>;
export type SeriesInfoView = Static<typeof SeriesInfo>;
