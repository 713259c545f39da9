// The real Claude Code program as an agent in a folder: what it may do, what it is asked, and what it leaves behind.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { AgentAnswer } from '../../shared/projects.ts';
import {
  type AgentScene,
  type AgentSceneOptions,
  assistant,
  createSceneSession,
  openAgentScene,
  user,
} from '../support/agent-scene.ts';
import { claudeFile, listRunning, oldClaudeFile, whyNoClaude } from '../support/real-claude.ts';

const bash = (id: string, command: string) => ({ id, name: 'Bash', input: { command, description: 'Do it' } });
const say = (answer: AgentAnswer) => async () => answer;

/** Ids of the programs that run with this in their command line. */
function findRunning(words: string): number[] {
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1);
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').startsWith(words);
    } catch {
      return false;
    }
  });
}

const PROGRAMS = [
  ['the real program', claudeFile, whyNoClaude],
  [
    'the oldest one that is promised to work',
    oldClaudeFile,
    oldClaudeFile === undefined ? ' (skipped: not there)' : '',
  ],
] as const;

for (const [name, file = '', why] of PROGRAMS) {
  describe.skipIf(file === '')(`an agent of ${name}${why}`, { timeout: 12_000 }, () => {
    const open = (options: Omit<AgentSceneOptions, 'file'> = {}) => openAgentScene({ file, ...options });
    beforeEach(() => onTestFinished(() => expect(listRunning(file)).toEqual([])));
    defineWork(open);
    defineRules(open);
    defineSessions(open);
    defineEnds(open);
  });
}

/** What the program has written down of its sessions. */
function listRecords({ own }: AgentScene): string[] {
  const names = existsSync(join(own, 'homes')) ? readdirSync(join(own, 'homes'), { recursive: true }) : [];
  return names.map(String).filter((name) => name.endsWith('.jsonl'));
}

type Open = (options?: Omit<AgentSceneOptions, 'file'>) => Promise<AgentScene>;

function defineWork(open: Open): void {
  it('reads and changes a file, and tells its steps as reasoning', async () => {
    const scene = await open({ rules: { mode: 'edit', tools: ['Read', 'Edit'], instructions: 'Mind the commas.' } });
    scene.write('a.txt', 'hello\n');
    const path = join(scene.folder, 'a.txt');
    scene.stub.reply(
      {
        thinking: { text: 'Let me see.', signature: 's' },
        text: 'I look.',
        toolUses: [{ id: 't1', name: 'Read', input: { file_path: path } }],
      },
      { toolUses: [{ id: 't2', name: 'Edit', input: { file_path: path, old_string: 'hello', new_string: 'bye' } }] },
      { toolUses: [{ id: 't3', name: 'Edit', input: { file_path: path, old_string: 'nothing', new_string: 'x' } }] },
      { text: 'Done.' },
    );
    const session = createSceneSession();
    const reply = await scene.ask([{ role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] }, user('Go')], {
      session,
    });
    expect(scene.read('a.txt')).toBe('bye\n');
    expect(reply).toMatchObject({
      text: 'I look.\n\nDone.',
      finishReason: { kind: 'stop' },
      usage: { inputTokens: 40, outputTokens: 20 },
      error: undefined,
    });
    expect(reply.reasoning).toMatch(
      /^Let me see\.Read a\.txt\nok\nEdit a\.txt\nok\nEdit a\.txt\nfailed: String to replace not found/,
    );
    expect(session.spentUsd).toBeGreaterThan(0);
    const [first] = scene.calls();
    expect(first?.headers['x-api-key']).toBe('sk-agent-secret');
    expect(JSON.stringify(first?.body.system)).toContain('Mind the commas.\\n\\nBe brief.');
    expect(scene.questions).toEqual([]);
  });

  it('gets pictures, and does without the tools and wishes of the client', async () => {
    const scene = await open({ rules: { showsSteps: false } });
    const data = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
    scene.stub.reply({ toolUses: [{ id: 't1', name: 'Glob', input: { pattern: '*' } }] }, { text: 'A dot.' });
    const picture = { type: 'image' as const, mediaType: 'image/png', source: { type: 'base64' as const, data } };
    const reply = await scene.ask([{ role: 'user', parts: [{ type: 'text', text: '/cost @a.txt' }, picture] }]);
    expect(reply).toMatchObject({ text: 'A dot.', reasoning: '' });
    const sent = JSON.stringify(scene.calls()[0]?.body.messages);
    expect(sent).toContain(data);
    expect(sent).toContain('/cost @a.txt');
  });

  it('does not show its key to the commands that it runs', async () => {
    for (const [method, secrets] of [
      ['key', { key: 'sk-agent-secret' }],
      ['token', { token: 'sk-agent-secret' }],
    ] as const) {
      const scene = await open({
        rules: { mode: 'listed', tools: ['Bash'], allow: ['Bash'] },
        account: { method },
        secrets,
      });
      const look =
        'env; tr "\\0" "\\n" < /proc/$PPID/environ; cat /proc/$PPID/fd/3; cat /dev/fd/3; ls -a "$TMPDIR"; true';
      scene.stub.reply({ toolUses: [bash('t1', look)] });
      await scene.ask('Look around');
      const [seen = ''] = scene.results();
      expect(seen).toContain('TMPDIR=');
      expect(seen).not.toContain('secret');
      const headers = scene.calls()[0]?.headers;
      expect(headers?.['x-api-key'] ?? headers?.authorization).toContain('sk-agent-secret');
    }
  });
}

function defineRules(open: Open): void {
  it('is refused what its rules refuse, and what they do not list', async () => {
    const rules = {
      mode: 'listed',
      tools: ['Bash', 'Write'],
      allow: ['Bash(echo a, b)', 'Bash(git *)'],
      deny: ['Bash(git push *)'],
    } as const;
    const scene = await open({
      rules: { ...rules, tools: [...rules.tools], allow: [...rules.allow], deny: [...rules.deny] },
    });
    scene.stub.reply({
      toolUses: [
        bash('t1', 'echo a, b'),
        bash('t2', 'git push origin'),
        { id: 't3', name: 'Write', input: { file_path: join(scene.folder, 'n.txt'), content: 'x' } },
      ],
    });
    const { reasoning } = await scene.ask('Go');
    expect(scene.results()).toEqual([
      'a, b',
      'Permission to use Bash with command git push origin has been denied.',
      expect.stringContaining('has been denied'),
    ]);
    expect(scene.read('n.txt')).toBeUndefined();
    expect(reasoning).toContain('Bash: git push origin\n');
    expect(reasoning).toContain('failed: Permission to use Bash with command git push origin has been denied.');
  });

  it('asks the person for the rest: once, for the session, or not at all', async () => {
    const answers: (AgentAnswer | undefined)[] = [
      { verdict: 'refuse', words: 'Not this.' },
      { verdict: 'once' },
      { verdict: 'session' },
      undefined,
    ];
    const scene = await open({
      rules: { mode: 'ask', tools: ['Bash', 'Edit', 'Read'] },
      person: async () => answers.shift(),
    });
    scene.write('a.txt', 'one\n');
    const path = join(scene.folder, 'a.txt');
    scene.stub.reply(
      { toolUses: [bash('t1', 'touch no')] },
      { toolUses: [{ id: 't0', name: 'Read', input: { file_path: path } }] },
      { toolUses: [{ id: 't2', name: 'Edit', input: { file_path: path, old_string: 'one', new_string: 'two' } }] },
      { toolUses: [bash('t3', 'touch yes')] },
      { toolUses: [bash('t4', 'touch yes')] },
      { toolUses: [bash('t5', 'mkdir other')] },
    );
    await scene.ask('Go', { session: { ...createSceneSession(), id: '5b6f2b52-5a57-4b0d-9d3b-3f6f0a8f1c11' } });
    expect(scene.read('no')).toBeUndefined();
    expect([scene.read('yes'), scene.read('a.txt')]).toEqual(['', 'two\n']);
    expect(scene.results()).toEqual([expect.stringContaining('Nobody answered in time.')]);
    expect(scene.questions).toMatchObject([
      { tool: 'Bash', what: 'touch no', rule: 'Bash(touch no *)', projectId: 'site', projectName: 'The site' },
      { tool: 'Edit', what: 'a.txt', detail: `${path}\n- one\n+ two` },
      { tool: 'Bash', what: 'touch yes', sessionId: '5b6f2b52-5a57-4b0d-9d3b-3f6f0a8f1c11' },
      { tool: 'Bash', what: 'mkdir other' },
    ]);
    expect(scene.questions[1]).not.toHaveProperty('rule');
    expect(JSON.stringify(scene.calls()[1]?.body.messages)).toContain('Not this.');
    expect(readdirSync(scene.folder)).not.toContain('.claude');
  });

  it.each([
    ['ask', ['cat out', 'mkdir', 'Read', 'Edit', 'curl']],
    ['edit', ['cat out', 'Read', 'curl']],
    ['listed', []],
  ] as const)('looks around in its folder by itself in the mode "%s", and asks for the rest', async (mode, asked) => {
    const refuse: AgentAnswer = { verdict: 'refuse' };
    const scene = await open({ rules: { mode, tools: ['Bash', 'Read', 'Edit'] }, person: say(refuse) });
    scene.write('a.txt', 'one\n');
    const outside = join(scene.own, '..', 'out.txt');
    writeFileSync(outside, 'secret of the neighbour');
    const read = (id: string, file: string) => ({ id, name: 'Read', input: { file_path: file } });
    const change = { file_path: join(scene.folder, 'a.txt'), old_string: 'one', new_string: 'two' };
    scene.stub.reply(
      { toolUses: [bash('t1', 'ls')] },
      { toolUses: [bash('t2', `cat ${outside}`)] },
      { toolUses: [bash('t3', 'mkdir made')] },
      { toolUses: [read('t4', join(scene.folder, 'a.txt'))] },
      { toolUses: [read('t5', outside)] },
      { toolUses: [{ id: 't6', name: 'Edit', input: change }] },
      { toolUses: [bash('t7', 'curl -s http://127.0.0.1:1/')] },
    );
    await scene.ask('Go');
    const name = ({ tool, what }: { tool: string; what: string }) =>
      tool !== 'Bash' ? tool : what.startsWith('cat') ? 'cat out' : what.split(' ', 1)[0];
    expect(scene.questions.map(name)).toEqual(asked);
    const told = JSON.stringify(scene.calls().at(-1)?.body.messages);
    expect(told).toContain('a.txt');
    expect(told).not.toContain('secret of the neighbour');
    expect([existsSync(join(scene.folder, 'made')), scene.read('a.txt')]).toEqual(
      mode === 'edit' ? [true, 'two\n'] : [false, 'one\n'],
    );
  });

  it.each([
    { mode: 'ask', asked: ['chmod +x .', 'mkdir d', 'rm -rf a.txt'], left: ['a.txt'] },
    { mode: 'edit', asked: ['chmod +x .'], left: ['d'] },
    { mode: 'listed', asked: [], left: ['a.txt'] },
  ] as const)('looks unasked, and handles files by commands where it edits: $mode', async ({ mode, asked, left }) => {
    const commands = ['cat a.txt', 'ps', 'mkdir d', 'rm -rf a.txt', 'touch no', 'chmod +x .'];
    const scene = await open({ rules: { mode, tools: ['Bash'], deny: ['Bash(touch *)'] } });
    scene.write('a.txt', 'Seen.');
    scene.stub.reply({ toolUses: commands.map((command, at) => bash(`t${at}`, command)) });
    await scene.ask('Go');
    expect(scene.questions.map(({ what }) => what).sort()).toEqual(asked);
    expect(readdirSync(scene.folder)).toEqual(left);
    expect(scene.results()).toEqual(expect.arrayContaining(['Seen.', expect.stringContaining('PID')]));
  });

  it('changes nothing while it plans', async () => {
    const tools = ['Read', 'Write', 'Bash'];
    const scene = await open({
      rules: { mode: 'plan', tools, allow: ['Bash', 'Write'] },
      person: say({ verdict: 'once' }),
    });
    scene.stub.reply({
      toolUses: [
        bash('t1', 'touch q'),
        { id: 't2', name: 'Write', input: { file_path: join(scene.folder, 'n'), content: 'x' } },
      ],
    });
    expect((await scene.ask('Go')).finishReason?.kind).toBe('stop');
    expect(readdirSync(scene.folder)).toEqual([]);
    expect(scene.questions).toEqual([]);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'does not do everything as root, unless told that this is a sandbox',
    async () => {
      const rules = { mode: 'everything', tools: ['Bash'] } as const;
      const scene = await open({ rules: { ...rules, tools: ['Bash'] } });
      expect((await scene.ask('Go')).error).toMatchObject({
        kind: 'forbidden',
        message: expect.stringContaining('IS_SANDBOX=1'),
      });
      const sandbox = await open({ rules: { ...rules, tools: ['Bash'] }, account: { env: { IS_SANDBOX: '1' } } });
      sandbox.stub.reply({ toolUses: [bash('t1', 'touch yes')] });
      await sandbox.ask('Go');
      expect(sandbox.read('yes')).toBe('');
    },
  );

  it('is stopped after its rounds of tools, and after its money', async () => {
    const rules = { mode: 'listed', tools: ['Bash'], allow: ['Bash'] } as const;
    const more = { ...rules, tools: ['Bash'], allow: ['Bash'] };
    const few = await open({ rules: { ...more, maxTurns: 1 } });
    few.stub.reply({ text: 'One.', toolUses: [bash('t1', 'echo 1')] }, { text: 'Two.' });
    const session = createSceneSession();
    const reply = await few.ask('Go', { session });
    expect(reply).toMatchObject({ text: 'One.', finishReason: { kind: 'length', raw: 'max_turns' } });
    expect(reply.reasoning).toContain('The agent was stopped: it has used all rounds');
    expect(few.notes).toContainEqual(expect.stringContaining('The agent was stopped'));
    expect((await few.ask([user('Go'), assistant('One.'), user('On')], { session })).text).toBe('Two.');
    const poor = await open({ rules: { ...more, maxBudgetUsd: 0.0001 } });
    poor.stub.reply({ text: 'One.', toolUses: [bash('t1', 'echo 1')] }, { text: 'Two.' });
    expect(await poor.ask('Go')).toMatchObject({
      text: 'One.',
      finishReason: { kind: 'length', raw: 'max_budget_usd' },
    });
  });
}

/** What the upstream was told, in short. */
function listTold(scene: AgentScene): string[] {
  const messages = scene.calls().at(-1)?.body.messages ?? [];
  return messages
    .filter(({ role }) => role !== 'system')
    .flatMap(({ role, content }) => {
      const blocks = typeof content === 'string' ? [{ text: content }] : (content as { text?: string }[]);
      return blocks.flatMap(({ text }) =>
        text === undefined || text.startsWith('<system-reminder>') ? [] : [`${role}: ${text}`],
      );
    });
}

const SAID = ['user: One', 'assistant: 1', 'user: Two'];

function defineSessions(open: Open): void {
  it('goes on in the same program, and in a new one when that has ended', async () => {
    const scene = await open();
    const session = createSceneSession();
    scene.stub.reply({ text: '1' }, { text: '2' }, { text: '3' });
    await scene.ask('One', { session });
    await scene.ask([user('One'), assistant('1'), user('Two')], { session });
    expect(listTold(scene)).toEqual(SAID);
    const spent = session.spentUsd;
    await scene.close();
    const later = await open({ after: scene });
    expect(
      (await later.ask([user('One'), assistant('1'), user('Two'), assistant('2'), user('Three')], { session })).text,
    ).toBe('3');
    expect(listTold(later)).toEqual([...SAID, 'assistant: 2', 'user: Three']);
    const ids = later.calls().map(({ headers }) => headers['x-claude-code-session-id']);
    expect(new Set(ids)).toEqual(new Set([session.id]));
    // Each turn costs the same, however the program counts.
    expect(session.spentUsd / spent).toBeCloseTo(1.5, 5);
  });

  it('knows every turn, also where its instructions change and change back', async () => {
    const scene = await open();
    const session = createSceneSession();
    const told = (text: string) => ({ role: 'system' as const, parts: [{ type: 'text' as const, text }] });
    scene.stub.reply({ text: '1' }, { text: '2' }, { text: '3' });
    await scene.ask([told('Plan.'), user('One')], { session });
    const second = [user('One'), assistant('1'), user('Two')];
    await scene.ask([told('Act.'), ...second], { session });
    await scene.ask([told('Plan.'), ...second, assistant('2'), user('Three')], { session });
    expect(listTold(scene)).toEqual([...SAID, 'assistant: 2', 'user: Three']);
  });

  it('is told what was said before where the client went back, and where its own record is gone', async () => {
    const scene = await open({ programLimits: { mostWaiting: 0 } });
    const session = createSceneSession();
    scene.stub.reply({ text: '1' }, { text: '2' }, { text: '3' }, { text: '4' });
    await scene.ask('One', { session });
    const kept = session.state;
    session.state = undefined;
    expect((await scene.ask([user('One'), assistant('1!'), user('Two')], { session })).text).toBe('2');
    expect(listTold(scene)).toEqual(['user: One', 'assistant: 1!', 'user: Two']);
    expect(session.state).not.toBe(kept);
    // It writes until it has ended.
    await expect.poll(() => readdirSync(join(scene.own, 'temporary')), { timeout: 5_000 }).toEqual([]);
    rmSync(join(scene.own, 'homes'), { recursive: true });
    expect(
      (await scene.ask([user('One'), assistant('1!'), user('Two'), assistant('2'), user('Three')], { session })).text,
    ).toBe('3');
    expect(listTold(scene)).toEqual(['user: One', 'assistant: 1!', 'user: Two', 'assistant: 2', 'user: Three']);
    expect(scene.notes).toEqual([expect.stringContaining('its own record of the session is gone')]);
    // The first turn failed to be kept: its id is taken.
    const again = { ...createSceneSession(), id: session.id };
    expect((await scene.ask('One', { session: again })).text).toBe('4');
  });

  it('works beside another one, each in its own session', async () => {
    const scene = await open({ rules: { mode: 'listed', tools: ['Bash'], allow: ['Bash'] } });
    const answer = ({ rawBody }: { rawBody: string }) => {
      const word = rawBody.includes('Alpha') ? 'alpha' : 'beta';
      if (rawBody.includes('tool_result')) return { text: `${word} is done.` };
      return { toolUses: [bash(`t-${word}`, `echo ${word} >> ${word}.txt`)] };
    };
    scene.stub.reply(answer, answer, answer, answer);
    const replies = await Promise.all([scene.ask('Alpha'), scene.ask('Beta')]);
    expect(replies.map(({ text }) => text)).toEqual(['alpha is done.', 'beta is done.']);
    expect([scene.read('alpha.txt'), scene.read('beta.txt')]).toEqual(['alpha\n', 'beta\n']);
  });
}

function defineEnds(open: Open): void {
  const work = { mode: 'listed', tools: ['Bash'], allow: ['Bash'] } as const;
  const rules = { ...work, tools: ['Bash'], allow: ['Bash'] };

  it('stops at once, with all that it runs, when the client leaves', async () => {
    const scene = await open({ rules });
    const command = `tail -f /dev/null --pid=${process.pid}`;
    const leave = new AbortController();
    scene.stub.reply({ text: 'Wait.', toolUses: [bash('t1', command)] });
    const asking = scene.ask('Go', { signal: leave.signal });
    await expect.poll(() => findRunning(command).length, { timeout: 5_000, interval: 20 }).toBe(1);
    leave.abort();
    expect((await asking).error).toMatchObject({ kind: 'aborted' });
    await expect.poll(() => findRunning(command), { timeout: 3_000, interval: 20 }).toEqual([]);
    expect(scene.calls()).toHaveLength(1);
  });

  it('leaves nothing running when Patchbay quits in the middle, nor what it has sent into the background', async () => {
    const scene = await open({ rules });
    const command = `tail -n0 -f /dev/null --pid=${process.pid}`;
    scene.stub.reply({ toolUses: [bash('t1', `nohup setsid ${command} > /dev/null 2>&1 < /dev/null & ${command}`)] });
    const asking = scene.ask('Go');
    await expect.poll(() => findRunning(command).length, { timeout: 5_000, interval: 20 }).toBe(2);
    await scene.close();
    expect((await asking).error).toBeDefined();
    expect(findRunning(command)).toEqual([]);
    expect(readdirSync(join(scene.own, 'temporary'))).toEqual([]);
  });

  it('leaves no record where its first turn breaks off, nor of a session that another one replaces', async () => {
    const scene = await open({ rules });
    const leave = new AbortController();
    const command = `tail -f /dev/null --pid=${process.pid}`;
    scene.stub.reply({ toolUses: [bash('t1', command)] });
    const asking = scene.ask('Go', { signal: leave.signal });
    await expect.poll(() => findRunning(command).length, { timeout: 5_000, interval: 20 }).toBe(1);
    leave.abort();
    await asking;
    await expect.poll(() => listRecords(scene), { timeout: 5_000, interval: 20 }).toEqual([]);
    const session = createSceneSession();
    scene.stub.reply({ text: '1' }, { text: '2' });
    await scene.ask('One', { session });
    const moved = JSON.stringify({ ...JSON.parse(session.state ?? ''), folder: '/elsewhere' });
    await scene.ask([user('One'), assistant('1'), user('Two')], { session: { ...session, state: moved } });
    await expect.poll(() => listRecords(scene), { timeout: 5_000, interval: 20 }).toHaveLength(1);
  });

  it('withdraws its question when the client leaves', async () => {
    let withdrawn = false;
    const leave = new AbortController();
    const scene = await open({
      rules: { tools: ['Bash'] },
      person: (_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            withdrawn = true;
            resolve(undefined);
          });
          leave.abort();
        }),
    });
    scene.stub.reply({ toolUses: [bash('t1', 'touch no')] });
    expect((await scene.ask('Go', { signal: leave.signal })).error).toMatchObject({ kind: 'aborted' });
    expect(withdrawn).toBe(true);
    await scene.close();
    expect(scene.read('no')).toBeUndefined();
  });

  it('is not hurried while a tool runs, and not waited for when its upstream is dead', async () => {
    const scene = await open({ rules, limits: { firstByteMs: 15_000, idleMs: 800 } });
    scene.stub.reply(
      { text: 'Wait.', toolUses: [bash('t1', 'sleep 1.3; echo slept')] },
      { text: 'Half', hang: 'after-start' },
    );
    const reply = await scene.ask('Go');
    expect(scene.results()).toEqual(['slept']);
    expect(reply.text).toBe('Wait.');
    // What was done is not done again.
    expect(reply.error).toMatchObject({ kind: 'timeout', retryable: false });
  });

  it('asks its upstream again where that is busy, and never says a thing twice', async () => {
    const scene = await open({ rules });
    scene.stub.reply({ text: 'One.', toolUses: [bash('t1', 'echo 1')] }, { status: 529 }, { text: 'Two.' });
    expect(await scene.ask('Go')).toMatchObject({ text: 'One.\n\nTwo.', finishReason: { kind: 'stop' } });
    const cut = { deltas: ['Half ', 'and ', 'half'], cutAfterDeltas: 2, delayMs: 60 };
    scene.stub.reply({ text: 'One.', toolUses: [bash('t1', 'echo 1')] }, cut, { text: 'Whole.' });
    const broken = await scene.ask('Go');
    expect(broken.text).toMatch(/^One\.\n\nHalf/);
    expect(broken.text).not.toContain('Whole');
    expect(broken.error).toMatchObject({ kind: 'upstream', retryable: false });
  });

  it('says truthfully why it cannot work', async () => {
    const scene = await open({ rules });
    scene.stub.reply({ status: 403, message: 'Not for you.' });
    expect((await scene.ask('Go')).error).toMatchObject({ kind: 'forbidden', status: 403 });
    scene.stub.reply({ text: 'I', stopReason: 'refusal' });
    expect((await scene.ask('Go')).finishReason).toEqual({ kind: 'content-filter', raw: 'refusal' });
    rmSync(scene.folder, { recursive: true });
    expect((await scene.ask('Go')).error).toMatchObject({ kind: 'not-found', code: 'agent_folder_missing' });
  });
}
