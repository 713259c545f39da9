// The API of projects and sessions through the open door: its shapes, its refusals, and who sees what.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type House, KEY, OTHER_KEY, openHouse } from '../../../support/house.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

let house: House;

beforeEach(async () => {
  house = await openHouse({});
});
afterEach(() => house.close());

async function call(method: string, path: string, body?: unknown, key = KEY) {
  const response = await fetch(`${house.url}/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const begin = async (body: object, key = KEY) => String((await call('POST', '/sessions', body, key)).body.id);

it('a project is made, shown, listed and deleted', async () => {
  const made = await call('POST', '/projects', { name: 'My Shop', description: 'Sells' });
  expect(made).toEqual({
    status: 200,
    body: {
      id: 'my-shop',
      name: 'My Shop',
      description: 'Sells',
      path: `${house.folder}/projects/my-shop`,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      updated_at: made.body.created_at,
      is_active: true,
      agent_model: null,
    },
  });
  expect(await call('GET', '/projects/my-shop')).toEqual(made);
  expect((await call('GET', '/projects')).body).toEqual({
    data: [made.body],
    pagination: { page: 1, per_page: 20, total_items: 1, total_pages: 1, has_next: false, has_prev: false },
  });
  expect(await call('DELETE', '/projects/my-shop')).toEqual({
    status: 200,
    body: { project_id: 'my-shop', status: 'deleted' },
  });
  expect((await call('GET', '/projects/my-shop')).status).toBe(404);
});

it('an agent that is switched on shows under which name it is asked for', async () => {
  house.projects.add({ name: 'x', path: makeTempFolder(), agent: { enabled: true } }, 'window');
  expect((await call('GET', '/projects/x')).body.agent_model).toBe('agent:x');
  expect(await call('DELETE', '/projects/x')).toMatchObject({
    status: 403,
    body: { error: { type: 'permission_error', code: 'project_locked' } },
  });
});

it('a project in which another client has sessions stays until they are gone', async () => {
  await call('POST', '/projects', { name: 'shared' });
  await begin({ project_id: 'shared' });
  const id = await begin({ project_id: 'shared' }, OTHER_KEY);
  const refused = await call('DELETE', '/projects/shared');
  expect(refused).toMatchObject({ status: 403, body: { error: { code: 'project_locked' } } });
  await call('DELETE', `/sessions/${id}`, undefined, OTHER_KEY);
  expect((await call('DELETE', '/projects/shared')).status).toBe(200);
});

it('a session is begun, shown, listed, ended and deleted', async () => {
  house.projects.add({ name: 'shop', path: makeTempFolder() }, 'window');
  const made = await call('POST', '/sessions', { project_id: 'shop', title: 'T', model: 'demo', system_prompt: 'S' });
  expect(made).toEqual({
    status: 200,
    body: {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      project_id: 'shop',
      title: 'T',
      model: 'demo',
      system_prompt: 'S',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      updated_at: made.body.created_at,
      is_active: true,
      is_running: false,
      total_tokens: 0,
      total_cost: null,
      message_count: 0,
    },
  });
  const id = String(made.body.id);
  expect(await call('GET', `/sessions/${id}`)).toEqual(made);
  const { title, system_prompt, is_active, id: _, ...state } = made.body;
  expect((await call('GET', `/chat/completions/${id}/status`)).body).toEqual({ session_id: id, ...state });
  expect((await call('DELETE', `/chat/completions/${id}`)).body).toEqual({ session_id: id, status: 'stopped' });
  expect((await call('GET', '/sessions?project_id=shop')).body.data).toEqual([made.body]);
  expect((await call('GET', '/sessions?project_id=other')).body.data).toEqual([]);
  expect((await call('DELETE', `/sessions/${id}`)).body).toEqual({ session_id: id, status: 'deleted' });
  expect((await call('GET', `/sessions/${id}`)).status).toBe(404);
});

it('the sums count what the client has', async () => {
  await begin({ model: 'demo' });
  await begin({}, OTHER_KEY);
  const stats = { active_sessions: 1, total_tokens: 0, total_cost: null, total_messages: 0, models_in_use: ['demo'] };
  expect((await call('GET', '/sessions/stats')).body).toEqual({
    session_stats: stats,
    active_claude_sessions: 0,
    claude_sessions: [],
  });
});

it('a list comes in pages', async () => {
  for (const name of ['a', 'b', 'c']) await call('POST', '/projects', { name });
  const { data, pagination } = (await call('GET', '/projects?page=2&per_page=2')).body;
  expect((data as { id: string }[]).map(({ id }) => id)).toEqual(['c']);
  expect(pagination).toEqual({
    page: 2,
    per_page: 2,
    total_items: 3,
    total_pages: 2,
    has_next: false,
    has_prev: true,
  });
});

describe('another key', () => {
  it.each([
    ['GET', '/sessions/ID'],
    ['DELETE', '/sessions/ID'],
    ['GET', '/chat/completions/ID/status'],
    ['DELETE', '/chat/completions/ID'],
  ])('finds no session at %s %s', async (method, path) => {
    const id = await begin({});
    const refused = await call(method, path.replace('ID', id), undefined, OTHER_KEY);
    expect(refused).toMatchObject({ status: 404, body: { error: { code: 'session_not_found' } } });
    expect((await call('GET', `/sessions/${id}`)).status).toBe(200);
    expect((await call('GET', '/sessions', undefined, OTHER_KEY)).body.data).toEqual([]);
  });

  it('that is wrong opens none of the paths', async () => {
    for (const path of ['/projects', '/projects/x', '/sessions', '/sessions/stats', '/sessions/x'])
      expect((await call('GET', path, undefined, 'wrong')).status, path).toBe(401);
  });
});

it.each([
  ['POST', '/projects', '{', 400, null, null],
  ['POST', '/projects', [], 400, null, null],
  ['POST', '/projects', {}, 400, 'name', null],
  ['POST', '/projects', { name: '  ' }, 400, 'name', null],
  ['POST', '/projects', { name: 'x'.repeat(201) }, 400, 'name', null],
  ['POST', '/projects', { name: 'x', description: 5 }, 400, 'description', null],
  ['POST', '/projects', { name: 'x', path: 'relative' }, 400, 'path', null],
  ['POST', '/projects', { name: 'x', path: '/no/such/folder' }, 400, 'path', null],
  ['GET', '/projects?page=0', undefined, 400, 'page', null],
  ['GET', '/projects?per_page=101', undefined, 400, 'per_page', null],
  ['GET', '/sessions?page=-1', undefined, 400, 'page', null],
  ['GET', '/sessions?per_page=many', undefined, 400, 'per_page', null],
  ['POST', '/sessions', { project_id: 'none' }, 404, 'project_id', 'project_not_found'],
  ['POST', '/sessions', { title: ['x'] }, 400, 'title', null],
  ['POST', '/sessions', { system_prompt: 1 }, 400, 'system_prompt', null],
  ['GET', '/projects/none', undefined, 404, null, 'project_not_found'],
  ['DELETE', '/projects/none', undefined, 404, 'project_id', 'project_not_found'],
  ['GET', '/sessions/none', undefined, 404, null, 'session_not_found'],
  ['DELETE', '/sessions/none', undefined, 404, null, 'session_not_found'],
  ['GET', '/chat/completions/none/status', undefined, 404, null, 'session_not_found'],
  ['DELETE', '/chat/completions/none', undefined, 404, null, 'session_not_found'],
] as const)('%s %s with %j is refused with %i', async (method, path, body, status, param, code) => {
  const refused = await call(method, path, body);
  const error = { message: expect.any(String), type: 'invalid_request_error', param, code: code ?? null };
  expect(refused).toEqual({ status, body: { error } });
  expect(house.projects.list()).toEqual([]);
});
