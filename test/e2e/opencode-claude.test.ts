// The real opencode through the whole house to the real Claude Code program: the model calls opencode's tools, opencode runs
// them, and the upstream sees one conversation that only grows and that its cache knows.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { expectCacheHits, expectOneConversation, LOOP_STEPS } from '../support/claude-loop.ts';
import { openScene } from '../support/client-scene.ts';
import { KEY } from '../support/house.ts';
import { startMessagesStub } from '../support/messages-stub.ts';
import { describeWith, findTool } from '../support/tools.ts';

describeWith(['opencode', 'claude'], 'opencode over Claude Code', () => {
  it('runs ten steps of two parallel calls, and the conversation only grows', async (context) => {
    const upstream = await startMessagesStub({ caches: true });
    onTestFinished(() => upstream.close());
    const account = {
      id: 'cc',
      name: 'Claude',
      provider: 'claude-code',
      values: { cliPath: findTool('claude') ?? '' },
    };
    const scene = await openScene(context, {}, [
      { ...account, env: { ANTHROPIC_BASE_URL: upstream.url }, secrets: { key: 'sk-test' } },
    ]);
    const model = 'cc/claude-sonnet-5-5';
    const provider = {
      npm: '@ai-sdk/openai-compatible',
      name: 'House',
      options: { baseURL: `${scene.house.url}/v1`, apiKey: KEY },
      models: { [model]: { name: 'Sonnet', tool_call: true, limit: { context: 200_000, output: 8_000 } } },
    };
    const settings = {
      autoupdate: false,
      share: 'disabled',
      permission: 'allow',
      model: `house/${model}`,
      small_model: `house/${model}`,
      provider: { house: provider },
    };
    scene.write('opencode.json', JSON.stringify(settings));
    for (let step = 0; step < LOOP_STEPS; step += 1) {
      upstream.reply({
        text: `Step ${step}.`,
        toolUses: ['a', 'b'].map((name) => ({
          id: `toolu_${step}_${name}`,
          name: 'mcp__gw__bash',
          input: { command: `echo ${name}-$((${step}+100)) | tee -a made-${name}.txt`, description: 'Test' },
        })),
      });
    }
    upstream.reply({ text: 'All done.' });
    const env = { OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_AUTOUPDATE: '1' };
    const client = scene.start(findTool('opencode') ?? '', ['run', '--title=Test', 'Go.'], env);
    const { exitCode, stdout } = await client.ended;
    expect({ exitCode, end: stdout.trim().split('\n').at(-1) }).toEqual({ exitCode: 0, end: 'All done.' });
    for (const name of ['a', 'b']) {
      const made = readFileSync(join(scene.home, `made-${name}.txt`), 'utf8');
      expect(made).toBe(Array.from({ length: LOOP_STEPS }, (_, step) => `${name}-${step + 100}\n`).join(''));
    }
    expectOneConversation(upstream, LOOP_STEPS);
    expectCacheHits(upstream);
    expect(scene.states()).toEqual(Array.from({ length: LOOP_STEPS + 1 }, () => 'ok'));
  });
});
