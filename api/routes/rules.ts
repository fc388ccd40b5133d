import { rulesNote } from '../../store/rules-note.ts';
import { watchedUpTo } from '../../store/watched.ts';
import type { Context, HttpApp } from '../context.ts';
import { RulesReport } from '../contract/rules.ts';
import { problemResponses, sendProblem } from '../problem.ts';
import { rulesView } from '../views/rules.ts';

const PARTITION = 0;

export const rulesRoutes = (app: HttpApp, { ledger }: Context): void => {
  app.get(
    '/rules',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['service'],
        summary:
          'What the detectors judge by: the rules file with the defaults filled in, and what is wrong with it',
        response: { 200: RulesReport, ...problemResponses },
      },
    },
    async (_request, reply) => {
      const note = await rulesNote(ledger, PARTITION);
      if (note === null)
        return sendProblem(reply, {
          status: 404,
          reason: 'no-rules-yet',
          detail:
            'no engine has started on this ledger yet; run a process with the role ingest (PRECALL_ROLES)',
        });
      return rulesView(note, await watchedUpTo(ledger, PARTITION));
    },
  );
};
