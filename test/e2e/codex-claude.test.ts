// The real Codex through the whole house to the real Claude Code program: the model calls Codex's tools, Codex runs them,
// and the upstream sees one conversation that only grows.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { expectCacheHits, expectOneConversation, LOOP_STEPS } from '../support/claude-loop.ts';
import { openScene } from '../support/client-scene.ts';
import { KEY } from '../support/house.ts';
import { startMessagesStub } from '../support/messages-stub.ts';
import { describeWith, findTool } from '../support/tools.ts';

const FLAGS = ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', '--json'];

describeWith(['codex', 'claude'], 'Codex over Claude Code', () => {
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
    const provider = `base_url = "${scene.house.url}/v1"\nenv_key = "HOUSE_KEY"\nwire_api = "responses"`;
    const settings = `model = "cc/claude-sonnet-5-5"\nmodel_provider = "house"\n[model_providers.house]\nname = "House"`;
    scene.write('.codex/config.toml', `${settings}\n${provider}\nrequest_max_retries = 0\nstream_max_retries = 0\n`);
    for (let step = 0; step < LOOP_STEPS; step += 1) {
      upstream.reply({
        text: `Step ${step}.`,
        thinking: { text: 'Hm.', signature: `sig-${step}` },
        toolUses: ['a', 'b'].map((name) => ({
          id: `toolu_${step}_${name}`,
          name: 'mcp__gw__exec_command',
          input: { cmd: `echo ${name}-$((${step}+100)) | tee -a made-${name}.txt` },
        })),
      });
    }
    upstream.reply({ text: 'All done.' });
    const { exitCode, stdout } = await scene.start(findTool('codex') ?? '', [...FLAGS, 'Go.'], { HOUSE_KEY: KEY })
      .ended;
    expect({ exitCode, done: stdout.includes('All done.') }).toEqual({ exitCode: 0, done: true });

    const asked = Array.from({ length: LOOP_STEPS }, (_, step) => step + 100);
    for (const name of ['a', 'b']) {
      const made = readFileSync(join(scene.home, `made-${name}.txt`), 'utf8');
      expect(made).toBe(asked.map((number) => `${name}-${number}\n`).join(''));
    }
    expectOneConversation(upstream, LOOP_STEPS, [
      'thinking',
      'text',
      'tool_use',
      'tool_use',
      'tool_result',
      'tool_result',
    ]);
    expectCacheHits(upstream);
    expect(scene.states()).toEqual(Array.from({ length: LOOP_STEPS + 1 }, () => 'ok'));
  });
});
