// Sessions at their door: which conversation a request goes on in, what is kept of it, and what is not.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AssistantMessage, Message } from '../../../main/canonical/conversation.ts';
import { GatewayError } from '../../../main/canonical/errors.ts';
import { createEventWriter } from '../../../main/canonical/event-writer.ts';
import type { EventBatch, EventStream } from '../../../main/canonical/events.ts';
import { listGroups } from '../../../main/projects/essence.ts';
import type { RunningSession, SessionBook } from '../../../main/projects/session-book.ts';
import { DEFAULT_AGENT_RULES } from '../../../shared/projects.ts';
import { openTestBooks } from '../../support/books.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] });
const userWith = (text: string, picture: string | undefined): Message => ({
  role: 'user',
  parts: [
    { type: 'text', text },
    ...(picture === undefined
      ? []
      : [{ type: 'image' as const, mediaType: 'image/png', source: { type: 'base64' as const, data: picture } }]),
  ],
});
const system = (text: string): Message => ({ role: 'system', parts: [{ type: 'text', text }] });
const answer = (text: string): AssistantMessage => ({ role: 'assistant', parts: [{ type: 'text', text }] });

interface Asking {
  readonly sessionId?: string;
  readonly projectId?: string;
  readonly key?: string;
  readonly model?: string;
  readonly notes?: string[];
  readonly interrupt?: (reason: unknown) => void;
}

function enter(book: SessionBook, messages: readonly Message[], asking: Asking = {}): RunningSession | undefined {
  const { sessionId, projectId, key = 'Test', model = 'm', notes = [], interrupt = () => {} } = asking;
  const wish = { sessionId, projectId };
  return book.enter({ wish, conversation: { model, messages }, key, interrupt, note: (text) => notes.push(text) });
}

function say(text: string, reasoning?: string): EventBatch[] {
  const writer = createEventWriter();
  writer.start({});
  if (reasoning !== undefined) writer.reasoning(reasoning);
  writer.text(text);
  const first = writer.take();
  writer.usage({ inputTokens: 10, outputTokens: 3 });
  writer.end({ kind: 'stop' });
  return [first, writer.take()];
}

async function* stream(batches: readonly EventBatch[]): EventStream {
  yield* batches;
}

async function answerWith(running: RunningSession | undefined, batches: readonly EventBatch[], state?: string) {
  if (running === undefined) throw new Error('No session was opened.');
  if (state !== undefined) running.attempt.keep(state);
  for await (const _ of running.watch(stream(batches)));
  running.leave();
  return running;
}

/** One turn; gives what the provider was told. */
async function turn(
  book: SessionBook,
  messages: readonly Message[],
  reply: string,
  asking: Asking = {},
  state?: string,
) {
  const running = await answerWith(enter(book, messages, asking), say(reply), state);
  return { told: running.conversation.messages, ...running };
}

function refusal(call: () => unknown): Pick<GatewayError, 'kind' | 'code'> {
  try {
    call();
  } catch (error) {
    if (error instanceof GatewayError) return { kind: error.kind, code: error.code };
  }
  throw new Error('It was not refused.');
}

function openWithAgent() {
  const books = openTestBooks();
  const { id } = books.projects.add(
    { name: 'Shop', path: makeTempFolder(), agent: { ...DEFAULT_AGENT_RULES, enabled: true } },
    'window',
  );
  return { ...books, model: `agent:${id}` };
}

describe('a request', () => {
  it('belongs to no session when it names none and asks no agent', () => {
    const { sessions } = openTestBooks();
    expect(enter(sessions, [user('a')])).toBeUndefined();
    expect(enter(sessions, [user('a')], { model: 'agent:nobody' })).toBeUndefined();
    expect(sessions.list({ offset: 0, limit: 10 }).total).toBe(0);
  });

  it('without a key gets no agent to work', () => {
    const { sessions, model } = openWithAgent();
    const entry = {
      wish: {},
      conversation: { model, messages: [user('Go')] },
      key: undefined,
      interrupt: () => {},
      note: () => {},
    };
    expect(refusal(() => sessions.enter(entry))).toEqual({ kind: 'forbidden', code: 'agent_needs_key' });
  });

  it('begins the session that it names, and the provider gets a UUID for it', async () => {
    const { sessions } = openTestBooks();
    const plain = await turn(sessions, [user('Hello  there')], 'Hi', { sessionId: 'chat:1' });
    expect(plain.attempt.id).toMatch(/^[0-9a-f-]{36}$/);
    const uuid = '7f1e6f6e-8f0e-4d4e-9d57-0a4f5d0c1b2a';
    expect((await turn(sessions, [user('x')], 'y', { sessionId: uuid })).attempt.id).toBe(uuid);
    expect(sessions.find('chat:1')).toMatchObject({ title: 'Hello there', model: 'm', key: 'Test', messageCount: 2 });
  });

  it.each(['', ' ', 'a b', 'a/b', 'ä', 'x'.repeat(129), '../x', 'a\n'])('cannot name its session %j', (sessionId) => {
    const { sessions } = openTestBooks();
    expect(refusal(() => enter(sessions, [user('a')], { sessionId }))).toEqual({
      kind: 'invalid-request',
      code: 'invalid_session_id',
    });
  });

  it('that names a project alone begins a new session in it', async () => {
    const { sessions, projects } = openTestBooks();
    const { id } = projects.add({ name: 'Shop', path: makeTempFolder() }, 'window');
    const one = await turn(sessions, [user('a')], 'b', { projectId: id });
    const two = await turn(sessions, [user('a')], 'b', { projectId: id });
    expect(one.id).not.toBe(two.id);
    expect([one.projectId, projects.views()[0]?.sessionCount]).toEqual([id, 2]);
    expect((await turn(sessions, [user('c')], 'd', { sessionId: one.id })).told).toHaveLength(3);
    expect(refusal(() => enter(sessions, [user('a')], { projectId: 'nowhere' })).code).toBe('project_not_found');
    const other = projects.add({ name: 'Other', path: makeTempFolder() }, 'window');
    const wrong = { sessionId: one.id, projectId: other.id };
    expect(refusal(() => enter(sessions, [user('a')], wrong)).code).toBe('project_mismatch');
  });

  it('in a session of another key finds nothing', async () => {
    const { sessions } = openTestBooks();
    await turn(sessions, [user('a')], 'b', { sessionId: 's' });
    const theirs = () => enter(sessions, [user('a')], { sessionId: 's', key: 'Other' });
    expect(refusal(theirs)).toEqual({ kind: 'not-found', code: 'session_not_found' });
    expect(sessions.list({ key: 'Other', offset: 0, limit: 10 }).total).toBe(0);
    expect(sessions.list({ key: 'Test', offset: 0, limit: 10 }).total).toBe(1);
    expect(sessions.list({ key: undefined, offset: 0, limit: 10 }).total).toBe(0);
    expect(sessions.list({ offset: 0, limit: 10 }).total).toBe(1);
  });

  it('waits its turn: a second one at a time is refused, until the first has ended its reply', async () => {
    const { sessions } = openTestBooks();
    const first = enter(sessions, [user('a')], { sessionId: 's' });
    expect(sessions.find('s')?.isRunning).toBe(true);
    expect(refusal(() => enter(sessions, [user('b')], { sessionId: 's' }))).toEqual({
      kind: 'conflict',
      code: 'session_busy',
    });
    for await (const batch of first?.watch(stream(say('b'))) ?? []) {
      // The client may come back as soon as it has read the end.
      if (batch.at(-1)?.type === 'reply-end')
        expect(sessions.find('s')).toMatchObject({ isRunning: false, messageCount: 2 });
    }
    const second = enter(sessions, [user('c')], { sessionId: 's' });
    first?.leave();
    expect(sessions.find('s')?.isRunning).toBe(true);
    second?.leave();
    expect(sessions.find('s')?.isRunning).toBe(false);
  });
});

describe('a conversation', () => {
  const words = fc
    .string({ minLength: 1, maxLength: 8, unit: fc.constantFrom('a', 'é', '"', '\n', '😀', 'z') })
    .map((text) => `w${text}w`);
  const picture = fc.option(words, { nil: undefined });

  it('is the same for the provider, however much of it the client sends each time', async () => {
    const turns = fc.array(fc.record({ words, picture, reply: words, whole: fc.boolean(), trims: fc.boolean() }), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(turns, fc.option(words, { nil: undefined }), async (list, instructions) => {
        const { sessions, close } = openTestBooks();
        const lead = instructions === undefined ? [] : [system(instructions)];
        const all: Message[] = [];
        for (const { words: said, picture: shown, reply, whole, trims } of list) {
          const next = userWith(said, shown);
          const sent = whole ? [...lead, ...all, next] : [...(all.length === 0 ? lead : []), next];
          const running = enter(sessions, sent, { sessionId: 's' });
          expect(listGroups(running?.conversation.messages ?? [])).toEqual(listGroups([...lead, ...all, next]));
          await answerWith(running, say(`${reply}${trims ? '\n' : ''}`, 'A thought that no client sends back.'), reply);
          all.push(next, answer(reply));
          expect(running?.attempt.state).toBe(all.length === 2 ? undefined : list[all.length / 2 - 2]?.reply);
        }
        close();
      }),
      { numRuns: 60 },
    );
  });

  it("is the client's own where it went back in it, and the provider then begins anew", async () => {
    const { sessions } = openTestBooks();
    await turn(sessions, [user('a')], 'b', { sessionId: 's' }, 'state 1');
    await turn(sessions, [user('c')], 'd', { sessionId: 's' }, 'state 2');
    const notes: string[] = [];
    const edited = [user('a'), answer('b'), user('C'), answer('D'), user('e')];
    const back = await turn(sessions, edited, 'f', { sessionId: 's', notes });
    expect([back.told, back.attempt.state, notes]).toEqual([
      edited,
      undefined,
      ["The client's own history differs from what was said in its session, and takes its place."],
    ]);
    expect((await turn(sessions, [user('g')], 'h', { sessionId: 's' })).told).toEqual([
      ...edited,
      answer('f'),
      user('g'),
    ]);
    expect(sessions.find('s')?.messageCount).toBe(8);
  });

  it('that went on elsewhere is taken, but not as one in which the provider was there', async () => {
    const { sessions } = openTestBooks();
    await turn(sessions, [user('a')], 'b', { sessionId: 's' }, 'state');
    const sent = [user('a'), answer('b'), user('c'), answer('elsewhere'), user('e')];
    const next = await turn(sessions, sent, 'f', { sessionId: 's' });
    expect([next.told, next.attempt.state]).toEqual([sent, undefined]);
  });

  it("gets the client's newest instructions, and keeps the earlier ones where it sends none", async () => {
    const { sessions } = openTestBooks();
    const { id } = sessions.add({ key: 'Test', instructions: 'Be brief.' });
    expect((await turn(sessions, [user('a')], 'b', { sessionId: id })).told).toEqual([system('Be brief.'), user('a')]);
    const next = await turn(sessions, [system('Be kind.'), user('c')], 'd', { sessionId: id });
    expect(next.told).toEqual([system('Be kind.'), user('a'), answer('b'), user('c')]);
    expect(sessions.readInstructions(id)).toBe('Be kind.');
    expect((await turn(sessions, [user('e')], 'f', { sessionId: id })).told[0]).toEqual(system('Be kind.'));
  });

  it('knows tool calls again that a client has written anew', async () => {
    const { sessions } = openTestBooks();
    const call = (id: string, text: string): Message => ({
      role: 'assistant',
      parts: [{ type: 'tool-call', id, name: 'f', arguments: text }],
    });
    const result = (id: string): Message => ({
      role: 'tool',
      parts: [{ type: 'tool-result', toolCallId: id, parts: [{ type: 'text', text: '42' }] }],
    });
    const writer = createEventWriter();
    writer.start({});
    writer.toolCall(0, { id: 'c1', name: 'f' });
    writer.toolArguments(0, '{"a": 1, "b": 2}');
    writer.end({ kind: 'tool-calls' });
    await answerWith(enter(sessions, [user('a')], { sessionId: 's' }), [writer.take()], 'state');
    const sent = [user('a'), call('other', '{"b":2,"a":1}'), result('other')];
    const next = enter(sessions, sent, { sessionId: 's' });
    expect([next?.conversation.messages, next?.attempt.state]).toEqual([sent, 'state']);
    next?.leave();
    const only = enter(sessions, [result('c1')], { sessionId: 's' });
    expect(only?.conversation.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool']);
  });
});

describe('a reply', () => {
  it('that breaks off leaves the conversation as it was, so that the client can repeat it', async () => {
    const { sessions } = openTestBooks();
    await turn(sessions, [user('a')], 'b', { sessionId: 's' }, 'state');
    const error = new GatewayError('upstream', 'Cut.');
    const [first = []] = say('half');
    const cut = enter(sessions, [user('c')], { sessionId: 's' });
    cut?.attempt.spend(0.5);
    await answerWith(cut, [first, [{ type: 'error', error }]], 'wrong state');
    const aborted = enter(sessions, [user('c')], { sessionId: 's' });
    for await (const _ of aborted?.watch(stream(say('x'))) ?? []) break;
    aborted?.leave();
    expect(sessions.find('s')).toMatchObject({ messageCount: 2, isRunning: false, costUsd: 0.5 });
    const again = await turn(sessions, [user('c')], 'd', { sessionId: 's' });
    expect([again.told, again.attempt.state]).toEqual([[user('a'), answer('b'), user('c')], 'state']);
  });

  it('that never comes in a new session leaves none behind', async () => {
    const { sessions } = openTestBooks();
    const running = enter(sessions, [user('a')], { sessionId: 's' });
    running?.leave();
    running?.leave();
    expect(sessions.find('s')).toBeUndefined();
    const { id } = sessions.add({ key: 'Test' });
    enter(sessions, [user('a')], { sessionId: id })?.leave();
    expect(sessions.find(id)).toMatchObject({ messageCount: 0 });
  });

  it('adds what it took to the sums of its session', async () => {
    const { sessions } = openTestBooks();
    for (const cost of [0.25, undefined, 0.5]) {
      const running = enter(sessions, [user('a')], { sessionId: 's' });
      if (cost !== undefined) running?.attempt.spend(cost);
      await answerWith(running, say('b'));
      running?.attempt.spend(0.125);
    }
    expect(sessions.find('s')).toMatchObject({ inputTokens: 30, outputTokens: 9, costUsd: 1.125, messageCount: 6 });
    expect(sessions.sum('Test')).toEqual({
      sessions: 1,
      messages: 6,
      tokens: 39,
      costUsd: 1.125,
      models: ['m'],
      running: [],
    });
    expect(sessions.sum('Other')).toMatchObject({ sessions: 0, tokens: 0, costUsd: undefined });
  });

  it('whose provider kept nothing ends what it kept before', async () => {
    const { sessions } = openTestBooks();
    await turn(sessions, [user('a')], 'b', { sessionId: 's' }, 'state');
    await turn(sessions, [user('c')], 'd', { sessionId: 's' });
    expect((await turn(sessions, [user('e')], 'f', { sessionId: 's' }, 'late')).attempt.state).toBeUndefined();
    expect((await turn(sessions, [user('g')], 'h', { sessionId: 's', model: 'other' })).attempt.state).toBeUndefined();
  });

  it('may tell its state a little after its end, but not over a later turn', async () => {
    const { sessions } = openTestBooks();
    const first = await answerWith(enter(sessions, [user('a')], { sessionId: 's' }), say('b'));
    first.attempt.keep('late');
    const second = await turn(sessions, [user('c')], 'd', { sessionId: 's' }, 'second');
    expect(second.attempt.state).toBe('late');
    first.attempt.keep('too late');
    expect((await turn(sessions, [user('e')], 'f', { sessionId: 's' })).attempt.state).toBe('second');
  });
});

describe("an agent's session", () => {
  it('is known for one while its first answer still runs', () => {
    const { sessions, model } = openWithAgent();
    const { id } = enter(sessions, [user('Fix it')], { model }) ?? {};
    expect(sessions.find(id ?? '')).toMatchObject({ isAgent: true, isRunning: true });
  });

  it('is found by everything before the new words, and what was said is not kept', async () => {
    const { sessions, model } = openWithAgent();
    const one = await turn(sessions, [user('Fix the secret bug')], 'Done', { model }, 'cli-1');
    const rest = [user('Fix the secret bug'), answer(' Done\n'), user('Thanks')];
    const two = await turn(sessions, rest, 'Welcome', { model }, 'cli-2');
    expect([two.id, two.attempt.state, two.told]).toEqual([one.id, 'cli-1', rest]);
    expect(sessions.find(one.id)).toMatchObject({ title: 'Shop', isAgent: true, projectId: 'shop', messageCount: 4 });
    const fork = await turn(sessions, [user('Fix the secret bug'), answer('Done'), user('No')], 'Sorry', { model });
    expect([fork.id === one.id, fork.attempt.state]).toEqual([false, undefined]);
    const other = await turn(sessions, [...rest, answer('Welcome'), user('x')], 'y', { model, key: 'Other' });
    expect(other.id).not.toBe(one.id);
    const same = await turn(sessions, [user('Fix the secret bug')], 'Done', { model }, 'cli-3');
    expect(same.id).not.toBe(one.id);
  });

  it('can be gone on with by its name and new words, as long as the agent remembers', async () => {
    const { sessions, model } = openWithAgent();
    const one = await turn(sessions, [system('S'), user('a')], 'b', { model }, 'cli-1');
    const two = await turn(sessions, [user('c')], 'd', { model, sessionId: one.id }, 'cli-2');
    expect([two.told, two.attempt.state, two.attempt.isPart]).toEqual([[user('c')], 'cli-1', true]);
    const stranger = () => enter(sessions, [user('g')], { model: 'm', sessionId: one.id });
    expect(refusal(stranger).code).toBe('session_without_words');
    const whole = [system('S'), user('a'), answer('b'), user('c'), answer('d'), user('e')];
    const three = await turn(sessions, whole, 'f', { model });
    expect([three.id, three.attempt.state, three.attempt.isPart]).toEqual([one.id, 'cli-2', undefined]);
    const forgotten = () => enter(sessions, [user('g')], { model, sessionId: one.id });
    expect(refusal(forgotten)).toEqual({ kind: 'invalid-request', code: 'session_without_words' });
  });

  it('that runs is left alone by a second request at the same point', async () => {
    const { sessions, model } = openWithAgent();
    const one = await turn(sessions, [user('a')], 'b', { model }, 'cli-1');
    const again = [user('a'), answer('b'), user('c')];
    const running = enter(sessions, again, { model });
    const second = enter(sessions, again, { model });
    expect([running?.id, second?.id === one.id, second?.attempt.state]).toEqual([one.id, false, undefined]);
  });

  it('keeps its words where the client names it, and its state is for that agent alone', async () => {
    const { sessions, projects, model } = openWithAgent();
    projects.add({ name: 'Other', path: makeTempFolder(), agent: { enabled: true } }, 'window');
    await turn(sessions, [user('a')], 'b', { model, sessionId: 's' }, 'cli-1');
    const next = await turn(sessions, [user('c')], 'd', { model: `any/${model}`, sessionId: 's' }, 'cli-2');
    expect([next.told.length, next.attempt.state]).toEqual([3, 'cli-1']);
    expect(refusal(() => enter(sessions, [user('e')], { model: 'agent:other', sessionId: 's' })).code).toBe(
      'project_mismatch',
    );
    expect(refusal(() => enter(sessions, [user('e')], { model, projectId: 'other' })).code).toBe('project_mismatch');
  });
});

describe('the end', () => {
  it('of what runs reaches its request; a session that is removed is not written any more', async () => {
    const { sessions } = openTestBooks();
    await turn(sessions, [user('a')], 'b', { sessionId: 's' });
    const reasons: unknown[] = [];
    const running = enter(sessions, [user('c')], { sessionId: 's', interrupt: (reason) => reasons.push(reason) });
    sessions.interrupt('s');
    sessions.remove('s');
    await answerWith(running, say('late'), 'late');
    expect(reasons.map((reason) => reason instanceof GatewayError && reason.kind)).toEqual(['aborted', 'aborted']);
    expect(sessions.find('s')).toBeUndefined();
    expect((await turn(sessions, [user('x')], 'y', { sessionId: 's' })).told).toEqual([user('x')]);
    for (const call of [() => sessions.interrupt('none'), () => sessions.remove('none')])
      expect(refusal(call)).toEqual({ kind: 'not-found', code: 'session_not_found' });
  });

  it('of all that an agent does comes when it is switched off, and not when something else of it changes', () => {
    const { sessions, projects, model } = openWithAgent();
    const ended: string[] = [];
    const start = (name: string, asking: Asking) =>
      enter(sessions, [user(name)], { ...asking, interrupt: (reason) => ended.push(`${name}: ${String(reason)}`) });
    start('unnamed', { model });
    start('named', { model, sessionId: 's' });
    start('no agent', { projectId: 'shop' });
    projects.change('shop', { name: 'Our shop', agent: { allow: ['Read'] } });
    expect(ended).toEqual([]);
    projects.change('shop', { agent: { enabled: false } });
    const why = expect.stringContaining('it was switched off, or its rules were changed');
    expect(ended).toEqual([why, why]);
    expect(ended.map((text) => text.split(':')[0])).toEqual(['unnamed', 'named']);
  });

  it('of a session comes when it was not used for long, or too much is kept', async () => {
    const { sessions } = openTestBooks();
    await turn(sessions, [user('a')], 'b', { sessionId: 's' });
    sessions.prune(Date.now() - 60_000);
    expect(sessions.find('s')).toBeDefined();
    sessions.prune(Date.now() + 1);
    expect(sessions.find('s')).toBeUndefined();
  });

  it('of the oldest comes by itself where a client begins sessions without end', () => {
    const { sessions } = openTestBooks();
    const first = sessions.add({ key: 'Test', title: 'first' });
    for (let count = 0; count < 5_500; count += 1) sessions.add({ key: 'Test' });
    expect(sessions.list({ offset: 0, limit: 1 }).total).toBeLessThanOrEqual(5_500);
    expect(sessions.find(first.id)).toBeUndefined();
  });

  it('of what a session can hold is told before anybody is asked, and nothing is lost', async () => {
    const { sessions } = openTestBooks();
    await turn(sessions, [user('a')], 'b', { sessionId: 's' });
    const huge = user('x'.repeat(17 * 1024 ** 2));
    expect(refusal(() => enter(sessions, [huge], { sessionId: 's' }))).toEqual({
      kind: 'too-large',
      code: 'session_too_large',
    });
    expect((await turn(sessions, [user('c')], 'd', { sessionId: 's' })).told).toHaveLength(3);
  });
});

it('a list is the newest first, in parts, and searched by what a person sees', async () => {
  const { sessions, projects } = openTestBooks();
  const { id } = projects.add({ name: 'Shop', path: makeTempFolder() }, 'window');
  for (const sessionId of ['one', 'two', 'three'])
    await turn(sessions, [user(`About ${sessionId} 100%`)], 'b', {
      sessionId,
      projectId: sessionId === 'two' ? id : undefined,
    });
  const names = (query: object) =>
    sessions.list({ offset: 0, limit: 10, ...query }).sessions.map((session) => session.id);
  expect(names({ projectId: id })).toEqual(['two']);
  expect(names({ search: 'two 100%' })).toEqual(['two']);
  expect(names({ search: '%x%' })).toEqual([]);
  expect(names({}).toSorted()).toEqual(['one', 'three', 'two']);
  expect(sessions.list({ offset: 2, limit: 2 })).toMatchObject({ total: 3, sessions: [{}] });
});
