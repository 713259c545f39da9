// The real Claude Code program as an agent, asked through the door by an official client: whole conversations, named
// sessions, a person who is asked, an end by the API, and what is left when a session is forgotten.
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AgentAnswer, AgentRules } from '../../shared/projects.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import { type MessagesStub, startMessagesStub } from '../support/messages-stub.ts';
import { describeClaude, listRunning } from '../support/real-claude.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

describeClaude('agents behind the door', (file) => {
  let house: House;
  let stub: MessagesStub;
  let client: OpenAI;
  let folder: string;

  beforeEach(async () => {
    stub = await startMessagesStub();
    folder = makeTempFolder();
    const env = { ANTHROPIC_BASE_URL: stub.url };
    const account = {
      provider: 'claude-code',
      method: 'key',
      values: { cliPath: file },
      secrets: { key: 'sk-x' },
      env,
    };
    house = await openHouse({
      accounts: [
        { id: 'cc', ...account },
        { id: 'cc-two', ...account },
      ],
    });
    client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0, timeout: 20_000 });
  });
  afterEach(async () => {
    await house.close();
    await stub.close();
    expect(listRunning(file)).toEqual([]);
  });

  const add = (rules: Partial<AgentRules>) =>
    house.projects.add({ name: 'Site', path: folder, agent: { enabled: true, ...rules } }, 'window');
  const ask = (content: string, more: object = {}) =>
    client.chat.completions.create({
      model: 'agent:site',
      messages: [{ role: 'user', content }],
      ...more,
    }) as Promise<OpenAI.ChatCompletion & { session_id?: string; project_id?: string }>;
  /** What the agent's upstream was told, newest last, as texts and results. */
  const told = () =>
    stub.requests.filter(({ body }) => Array.isArray(body.messages)).map(({ body }) => JSON.stringify(body.messages));
  const answerFirst = (answer: AgentAnswer) => {
    const answered: string[] = [];
    const stop = house.questions.onChange(() => {
      const [question] = house.questions.list();
      if (question === undefined) return;
      answered.push(`${question.tool}: ${question.what}`);
      house.questions.answer(question.id, answer);
    });
    return { answered, stop };
  };

  it('is off until it is switched on, and is then one model whoever could run it', async () => {
    await expect(ask('hi')).rejects.toMatchObject({ status: 404 });
    house.projects.add({ name: 'Site', path: folder }, 'window');
    await expect(ask('hi')).rejects.toThrow('The agent of the project "Site" is switched off.');
    house.projects.change('site', { agent: { enabled: true } });
    const { data } = await client.models.list();
    expect(data.map(({ id }) => id).filter((id) => id.includes('agent:'))).toEqual(['agent:site']);
    stub.reply({ text: 'Here.' });
    expect((await ask('hi')).choices[0]?.message.content).toBe('Here.');
    await expect(ask('hi', { model: 'cc-two/agent:site' })).rejects.toMatchObject({ status: 403 });
  });

  it('reads a file, goes on in a session by new words alone, and forgets it with its record', async () => {
    add({ tools: ['Read'] });
    await writeFile(join(folder, 'a.txt'), 'The word is plum.\n');
    stub.reply(
      { toolUses: [{ id: 'toolu_1', name: 'Read', input: { file_path: join(folder, 'a.txt') } }] },
      { text: 'Plum.' },
    );
    const first = await ask('Read a.txt', { session_id: 'talk-1' });
    expect(first.choices[0]?.message.content).toBe('Plum.');
    expect([first.session_id, first.project_id]).toEqual(['talk-1', 'site']);
    expect(told().at(-1)).toContain('The word is plum.');
    stub.reply({ text: 'I said plum.' });
    await ask('What did you say?', { session_id: 'talk-1' });
    expect(told().at(-1)).toContain('The word is plum.');
    const records = () =>
      readdirSync(house.folder, { recursive: true }).filter((path) => String(path).endsWith('.jsonl'));
    await expect.poll(records).toHaveLength(1);
    const gone = await fetch(`${house.url}/v1/sessions/talk-1`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${KEY}` },
    });
    expect(await gone.json()).toMatchObject({ session_id: 'talk-1', status: 'deleted' });
    await expect.poll(records).toEqual([]);
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });

  it('puts what its rules do not allow to the person, and does as they say', async () => {
    add({ tools: ['Bash'], mode: 'ask' });
    const run = {
      toolUses: [{ id: 'toolu_1', name: 'Bash', input: { command: 'touch made.txt', description: 'Make' } }],
    };
    const refusing = answerFirst({ verdict: 'refuse', words: 'Not today.' });
    stub.reply(run, { text: 'As you wish.' });
    await ask('Make it', { session_id: 'one' });
    refusing.stop();
    expect(refusing.answered).toEqual(['Bash: touch made.txt']);
    expect(told().at(-1)).toContain('Not today.');
    expect(readdirSync(folder)).toEqual([]);
    const allowing = answerFirst({ verdict: 'once' });
    stub.reply(run, { text: 'Made.' });
    await ask('Make it', { session_id: 'two' });
    allowing.stop();
    expect(readdirSync(folder)).toEqual(['made.txt']);
  });

  it('ends when the API says so, and says so to its client', async () => {
    add({ tools: ['Bash'], mode: 'ask' });
    const run = { id: 'toolu_1', name: 'Bash', input: { command: 'touch long.txt && sleep 600', description: 'Wait' } };
    stub.reply({ toolUses: [run] });
    const asked = new Promise<void>((resolve) => {
      const stop = house.questions.onChange(() => {
        stop();
        resolve();
      });
    });
    const answer = ask('Wait', { session_id: 'long' });
    const refused = expect(answer).rejects.toMatchObject({ code: 'session_interrupted' });
    await asked;
    await fetch(`${house.url}/v1/chat/completions/long`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${KEY}` },
    });
    await refused;
    expect(house.questions.list()).toEqual([]);
    const status = await fetch(`${house.url}/v1/chat/completions/long/status`, {
      headers: { authorization: `Bearer ${KEY}` },
    });
    expect(status.status).toBe(404);
  });
});
