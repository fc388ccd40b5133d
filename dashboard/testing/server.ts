import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import type { HealthCode } from '../../api/contract/health.ts';
import type { SessionView, TicketDetailView, TicketView } from '../../api/contract/schemas.ts';
import { alertWords } from '../../core/alert/words.ts';
import { mayStep } from '../../core/ticket/permit.ts';
import { step } from '../../core/ticket/step.ts';
import type { Ticket, TicketAction } from '../../core/ticket/ticket.ts';
import { catalogue, catalogueView } from './catalogue.ts';
import { FOR_DESK, newDesk } from './desk.ts';
import { newInbox } from './inbox.ts';
import { latestOf, readSeries } from './machines.ts';
import { bringOf, newTown, type Town } from './town.ts';

/*
 * A small stand-in for the API, in its shapes: serves dashboard/dist and a made-up town, under the strictest
 * Content-Security-Policy. For looking at the dashboard and its screenshots without the service.
 */
const DIST = join(import.meta.dirname, '..', 'dist');
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const MIME: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** Users of the stand-in; the password of each is `test`. */
const USERS: Readonly<Record<string, SessionView>> = {
  desk: { user: 'desk', role: 'dispatcher', crew: null },
  chen: { user: 'chen', role: 'crew', crew: 'crew-1' },
  wang: { user: 'wang', role: 'crew', crew: 'crew-3' },
  look: { user: 'look', role: 'viewer', crew: null },
};

export interface StandIn {
  readonly url: string;
  readonly close: () => Promise<void>;
  /** Every request under /api/v1 fails with this status until it is null again; 0: the connection is cut. */
  fail: number | null;
  /** What it says is wrong with itself. */
  health: readonly HealthCode[];
  /** How often each Idempotency-Key was seen. */
  readonly keys: Map<string, number>;
}

interface Book {
  ticket: Ticket;
  timeline: TicketDetailView['timeline'];
}

const audienceOf = ({ role, crew }: SessionView): string => (crew === null ? role : `crew:${crew}`);

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const readBody = async (request: IncomingMessage): Promise<Record<string, string>> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Record<string, string>);
};

const sendFile = (folder: string, path: string, response: ServerResponse): void => {
  const wanted = normalize(join(folder, path));
  const file =
    wanted.startsWith(folder) && existsSync(wanted) && statSync(wanted).isFile()
      ? wanted
      : join(folder, 'index.html');
  response.writeHead(200, {
    'content-type': MIME[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': CSP,
    'x-content-type-options': 'nosniff',
  });
  createReadStream(file).pipe(response);
};

export const startStandIn = async (options: {
  readonly port?: number;
  readonly clock: () => number;
  /** Leaves out what is in the town: machines, tickets, or both. */
  readonly empty?: boolean;
  /** The built dashboard; by default dashboard/dist. */
  readonly dist?: string;
}): Promise<StandIn> => {
  const { clock } = options;
  const whole = newTown(clock());
  const town: Town = options.empty ? { ...whole, machines: [], alerts: [], tickets: [], sites: [] } : whole;
  const books = new Map<string, Book>(
    town.tickets.map(({ ticket, timeline }) => [ticket.id, { ticket, timeline: [...timeline] }]),
  );
  const listeners = new Set<ServerResponse>();
  const keys = new Map<string, number>();
  const desk = newDesk(town, clock);
  const inbox = newInbox(town, clock());
  let eventId = 0;
  let next = 1046;

  const tell = (event: string, data: unknown): void => {
    eventId += 1;
    for (const listener of listeners)
      listener.write(`id: ${eventId}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };

  const leads = town.alerts
    .filter((alert) => alert.state === 'active' && alert.evidence.metric !== null)
    .map((alert) => `${alert.unit} ${alert.evidence.metric}`);

  const machineView = (id: string) => {
    const machine = town.machines.find((one) => one.view.id === id);
    if (!machine) return null;
    const open = [...books.values()].filter(
      ({ ticket: t }) => t.equipment === id && t.state !== 'closed' && t.state !== 'cancelled',
    );
    return {
      machine,
      view: {
        ...machine.view,
        latest: latestOf(machine, clock(), 3, leads),
        activeAlerts: town.alerts.filter((alert) => alert.equipment === id && alert.state === 'active')
          .length,
        openTickets: open.map(({ ticket: t }) => t.id),
      },
    };
  };

  const ticketView = ({ ticket: t }: Book): TicketView => {
    const machine = town.machines.find((one) => one.view.id === t.equipment)?.view;
    const site = town.sites.find((one) => one.id === t.site);
    const alert = town.alerts.find((one) => one.id === t.alerts[0]);
    const item = catalogue.items.get(t.component)?.name ?? { en: t.component, zh: t.component };
    const code = t.cause.startsWith('fault:') ? t.cause.slice(6) : null;
    const told = alertWords(catalogue, {
      unit: t.unit,
      component: t.component,
      rule: t.cause,
      evidence: {
        detector: { name: 'fault-code', version: 1 },
        metric: null,
        code,
        window: { fromMs: 0, toMs: 0 },
        expected: null,
        seen: null,
        crossing: null,
        sample: null,
        detail: null,
      },
    });
    return {
      id: t.id,
      equipment: t.equipment,
      equipmentName: machine?.name ?? t.equipment,
      unit: t.unit,
      site: t.site,
      siteName: site?.name ?? t.site,
      position: site?.position ?? null,
      component: t.component,
      componentName: item,
      cause: t.cause,
      severity: t.severity,
      state: t.state,
      source: t.source,
      version: t.version,
      openedAt: iso(t.openedAtMs)!,
      updatedAt: iso(t.updatedAtMs)!,
      alerts: [...t.alerts],
      crew: t.crew,
      crewName: town.crews.find((one) => one.id === t.crew)?.name ?? null,
      acknowledgeBy: iso(t.acknowledgeByMs),
      heldUntil: iso(t.holdUntilMs),
      acknowledgedAt: iso(t.acknowledgedAtMs),
      departedAt: iso(t.departedAtMs),
      arrivedAt: iso(t.arrivedAtMs),
      etaAt: iso(t.etaAtMs),
      dueAt: iso(t.dueAtMs)!,
      resolvedAt: iso(t.resolvedAtMs),
      closedAt: iso(t.closedAtMs),
      closeReason: t.closeReason,
      reporter: t.reporter,
      words: t.words,
      summary:
        alert?.summary ??
        (code === null ? { en: `${item.en}: reported by a person`, zh: `${item.zh}\uff1a人工报修` } : told),
      bring: bringOf({ ...t, cause: code ?? t.cause }),
      evidence: alert?.evidence ?? null,
    };
  };

  const detail = (book: Book): TicketDetailView => ({ ...ticketView(book), timeline: book.timeline });

  const take = (
    id: string,
    action: TicketAction,
    body: Record<string, string>,
    who: SessionView,
  ): [number, unknown] => {
    const book = books.get(id);
    if (!book) return [404, { title: 'Not found', detail: `there is no ticket ${id}`, status: 404 }];
    if (!mayStep({ role: who.role, crew: who.crew }, book.ticket, action))
      return [
        403,
        { title: 'Forbidden', detail: `a ${who.role} may not ${action} this ticket`, status: 403 },
      ];
    const nowMs = clock();
    const result = step(book.ticket, {
      action,
      atMs: body.at ? Date.parse(body.at) : nowMs,
      heardAtMs: nowMs,
      actor: who.user,
      actorCrew: who.crew,
      crew: body.crew,
      reason: body.reason,
      note: body.note,
    });
    if (!result.ok)
      return [409, { title: 'Conflict', detail: result.detail, reason: result.reason, status: 409 }];
    const e = result.entry;
    book.ticket = result.ticket;
    book.timeline = [
      ...book.timeline,
      {
        version: e.version,
        at: iso(e.atMs)!,
        heardAt: iso(e.heardAtMs)!,
        what: e.what,
        actor: e.actor,
        from: e.from,
        to: e.to,
        crew: e.crew,
        reason: e.reason,
        note: e.note,
      },
    ];
    tell('ticket', { what: action, ticket: ticketView(book) });
    return [200, detail(book)];
  };

  const open = (body: Record<string, string>, who: SessionView): [number, unknown] => {
    const machine = town.machines.find((one) => one.view.id === body.equipment);
    if (!machine)
      return [
        422,
        { title: 'Unprocessable', detail: `there is no equipment ${body.equipment}`, status: 422 },
      ];
    const nowMs = clock();
    const id = `T-${next++}`;
    const made: Book = {
      ticket: {
        ...books.get('T-1044')!.ticket,
        id,
        equipment: machine.view.id,
        site: machine.view.site,
        unit: body.unit ?? '',
        component: body.component ?? 'body',
        cause: 'reported',
        severity: (body.severity ?? 'S2') as 'S2',
        source: body.source as 'hotline',
        state: 'open',
        crew: null,
        version: 1,
        openedAtMs: nowMs,
        updatedAtMs: nowMs,
        acknowledgedAtMs: null,
        dueAtMs: nowMs + 4 * 3_600_000,
        reporter: body.reporter ?? null,
        words: body.words ?? null,
      },
      timeline: [
        {
          version: 1,
          at: iso(nowMs)!,
          heardAt: iso(nowMs)!,
          what: 'opened',
          actor: who.user,
          from: null,
          to: 'open',
          crew: null,
          reason: null,
          note: null,
        },
      ],
    };
    books.set(id, made);
    tell('ticket', { what: 'opened', ticket: ticketView(made) });
    return [201, detail(made)];
  };

  const list = (items: readonly unknown[]): [number, unknown] => [200, { items, next: null }];

  const answerGet = (path: string, query: URLSearchParams): [number, unknown] => {
    if (path === '/sites') return list(town.sites);
    if (path === '/crews') return list(town.crews);
    if (path === '/catalogue') return [200, catalogueView];
    if (path === '/equipment') return list(town.machines.map((m) => machineView(m.view.id)!.view));
    if (path === '/alerts') {
      const of = query.get('equipment');
      return list(town.alerts.filter((alert) => of === null || alert.equipment === of));
    }
    if (path === '/tickets') {
      const [states, of] = [query.get('state')?.split(','), query.get('equipment')];
      return list(
        [...books.values()]
          .filter(
            ({ ticket: t }) => (!states || states.includes(t.state)) && (of === null || t.equipment === of),
          )
          .map(ticketView),
      );
    }
    const [, noun, id, sub] = path.split('/');
    if (noun === 'tickets' && books.has(id ?? '')) return [200, detail(books.get(id!)!)];
    const ofDesk = desk.answer(path);
    if (ofDesk !== null) return [200, ofDesk];
    const known = noun === 'equipment' ? machineView(id ?? '') : null;
    if (known && sub === undefined)
      return [200, { ...known.view, latest: latestOf(known.machine, clock(), 100, leads) }];
    if (known && sub === 'series') {
      const range = {
        fromMs: Number(query.get('from')),
        toMs: Number(query.get('to')),
        points: Number(query.get('points') ?? 500),
      };
      return [
        200,
        readSeries(known.machine, query.get('unit') ?? '', query.get('metric') ?? '', range, clock()),
      ];
    }
    return [404, { title: 'Not found', detail: `there is nothing at ${path}`, status: 404 }];
  };

  const standIn: Pick<StandIn, 'fail' | 'health'> = { fail: null, health: [] };
  const cookieUser = (request: IncomingMessage): SessionView | null => {
    const name = /(?:^|;\s*)stand-in=([a-z]+)/.exec(request.headers.cookie ?? '')?.[1];
    return name === undefined ? null : (USERS[name] ?? null);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://stand-in');
    if (url.pathname === '/readyz') {
      response.writeHead(200, { 'content-type': 'application/json' });
      return void response.end(JSON.stringify({ ready: true, codes: standIn.health, reasons: [] }));
    }
    if (!url.pathname.startsWith('/api/v1/')) return sendFile(options.dist ?? DIST, url.pathname, response);
    if (standIn.fail === 0) return void request.socket.destroy();
    const send = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
      response.writeHead(status, {
        'content-type': status < 400 ? 'application/json' : 'application/problem+json',
        ...headers,
      });
      response.end(status === 204 ? undefined : JSON.stringify(body));
    };
    if (standIn.fail !== null) return send(standIn.fail, { title: 'made to fail', status: standIn.fail });
    const path = url.pathname.slice('/api/v1'.length);
    const who = cookieUser(request);
    if (path === '/session') {
      if (request.method === 'DELETE')
        return send(204, null, { 'set-cookie': 'stand-in=; Path=/; Max-Age=0' });
      if (request.method === 'POST') {
        const { user = '', password } = await readBody(request);
        const found = USERS[user];
        return found && password === 'test'
          ? send(200, found, { 'set-cookie': `stand-in=${user}; Path=/; HttpOnly; SameSite=Strict` })
          : send(401, { title: 'Unauthorized', detail: 'user or password is wrong', status: 401 });
      }
      return who ? send(200, who) : send(401, { title: 'Unauthorized', status: 401 });
    }
    if (!who) return send(401, { title: 'Unauthorized', status: 401 });
    if (path === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write('retry: 1000\n\n: hello\n\n');
      listeners.add(response);
      request.on('close', () => listeners.delete(response));
      return;
    }
    if (request.method === 'POST') {
      const key = String(request.headers['idempotency-key'] ?? '');
      keys.set(key, (keys.get(key) ?? 0) + 1);
      const body = await readBody(request);
      if (path === '/notices/read')
        return send(200, inbox.read(body.ids as unknown as string[], audienceOf(who)));
      const [, noun, id, action] = path.split('/');
      if (noun === 'alerts' || noun === 'deliveries') {
        const done = desk.take(path, body.note ?? null, who.user);
        return done === null ? send(404, { title: 'Not found', status: 404 }) : send(200, done);
      }
      return send(
        ...(path === '/tickets' ? open(body, who) : take(id ?? '', action as TicketAction, body, who)),
      );
    }
    if (path === '/notices') return send(200, inbox.list(audienceOf(who)));
    if (FOR_DESK.has(path) && who.role !== 'dispatcher')
      return send(403, { title: 'Forbidden', detail: 'this needs the role dispatcher', status: 403 });
    send(...answerGet(path, url.searchParams));
  };

  const server: Server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(500);
      response.end(String(error));
    });
  });
  const readings = setInterval(() => {
    for (const machine of town.machines) {
      if (machine.view.online !== 'online') continue;
      const view = { equipment: machine.view.id, latest: latestOf(machine, clock(), 100, leads) };
      for (const listener of listeners) listener.write(`event: reading\ndata: ${JSON.stringify(view)}\n\n`);
    }
  }, 1_000);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return Object.assign(standIn, {
    url: `http://127.0.0.1:${port}`,
    keys,
    close: async () => {
      clearInterval(readings);
      for (const listener of listeners) listener.end();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
};

if (import.meta.main) {
  const standIn = await startStandIn({ port: Number(process.env.PORT ?? 8090), clock: Date.now });
  console.log(`dashboard with made-up data: ${standIn.url} (desk, chen, wang or look; password test)`);
}
