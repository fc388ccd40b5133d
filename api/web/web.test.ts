import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, openBench } from '../testing/bench.ts';

describe('the dashboard', () => {
  let folder: string;
  let bench: Bench;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'precall-dashboard-'));
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>Precall</title>');
    await writeFile(join(folder, 'assets', 'index-abc123.js'), 'export {};');
    await writeFile(join(folder, '.secret'), 'x');
    bench = await openBench({ dashboardDir: folder });
  });
  afterAll(async () => {
    await bench.close();
    await rm(folder, { recursive: true });
  });
  const get = (url: string) => bench.app.inject({ url });

  it('is served at / and at every path of its own', async () => {
    for (const url of ['/', '/tickets/T1', '/equipment/g1?view=plot', '/setup']) {
      const answer = await get(url);
      expect([url, answer.statusCode, answer.headers['content-type']]).toEqual([
        url,
        200,
        'text/html; charset=utf-8',
      ]);
      expect(answer.body).toContain('<title>Precall</title>');
      expect(answer.headers['cache-control']).toBe('no-cache');
    }
  });

  it('lets browsers keep what carries a hash', async () => {
    const answer = await get('/assets/index-abc123.js');
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(answer.headers['content-type']).toContain('javascript');
  });

  it('does not hide missing files, missing API paths or other methods behind its page', async () => {
    for (const url of ['/assets/gone.js', '/api/v1/gone', '/api/v2', '/metrics/x']) {
      const answer = await get(url);
      expect([url, answer.statusCode, answer.json().reason]).toEqual([url, 404, 'no-such-path']);
    }
    expect((await bench.app.inject({ method: 'POST', url: '/tickets/T1' })).statusCode).toBe(404);
  });

  it('serves nothing outside its folder', async () => {
    for (const url of ['/../package.json', '/%2e%2e/package.json', '/.secret', '/assets/..%2f.secret']) {
      const answer = await get(url);
      expect([url, answer.body.includes('"name"') || answer.body === 'x']).toEqual([url, false]);
    }
  });

  it('runs under a strict policy', async () => {
    const { headers } = await get('/');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers).not.toHaveProperty('strict-transport-security');
  });
});

interface Operation {
  readonly description?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: object }> }>;
  readonly security?: readonly object[];
}

describe('the description of the API', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());
  const get = (url: string) => bench.app.inject({ url });

  it('is OpenAPI 3.1 with every route, and references that lead somewhere', async () => {
    const document = (await get('/api/v1/openapi.json')).json();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toContain('/api/v1/tickets/{id}/{action}');
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to);
    expect(references.length).toBeGreaterThan(20);
    for (const reference of new Set(references)) {
      const name = reference?.replace('#/components/schemas/', '') ?? '';
      expect(document.components.schemas).toHaveProperty(name);
    }
    expect(JSON.stringify(document)).not.toContain('$id');
  });

  it('says of each operation who may use it, what goes wrong, and that a POST takes a key', async () => {
    const document = (await get('/api/v1/openapi.json')).json();
    const paths = document.paths as Record<string, Record<string, Operation>>;
    let posts = 0;
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const name = `${method} ${path}`;
        const isPublic = operation.security?.length === 0;
        expect([name, isPublic || /Needs: \w+\./.test(operation.description ?? '')]).toEqual([name, true]);
        const problem = operation.responses.default?.content?.['application/problem+json']?.schema;
        expect([name, problem]).toEqual([name, { $ref: '#/components/schemas/Problem' }]);
        if (method !== 'post') continue;
        posts += 1;
        const names = operation.parameters?.map((parameter) => parameter.name);
        expect([name, names?.includes('idempotency-key')]).toEqual([name, true]);
      }
    }
    expect(posts).toBeGreaterThan(5);
  });

  it('can be browsed without anything from elsewhere', async () => {
    const page = await get('/api/docs/');
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-security-policy']).toContain("script-src 'self';");
    const assets = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? '');
    expect(assets.length).toBeGreaterThan(3);
    for (const asset of assets) {
      expect(asset).toMatch(/^\.\//);
      expect([asset, (await get(`/api/docs/${asset}`)).statusCode]).toEqual([asset, 200]);
    }
  });
});
