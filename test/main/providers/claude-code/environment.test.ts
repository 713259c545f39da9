// What of this machine's environment reaches the program, and the commands that an agent runs in it.
import { expect, it } from 'vitest';
import { writeEnvironment } from '../../../../main/providers/claude-code/environment.ts';

it('an account’s own secret is not inherited under another name', () => {
  const account = {
    ...{ id: 'cc', provider: 'claude-code', name: 'Claude', method: 'key', values: {}, env: {}, endpoints: {} },
    ...{ models: [], source: 'file' as const },
  };
  const environment = writeEnvironment(
    { account, secrets: { key: 'sk-of-the-account' } },
    { home: '/home', temporary: '/temporary' },
    { WORK_KEY: 'sk-of-the-account', EDITOR: 'vi' },
    { retries: 0, agent: { hidesSecret: true } },
  );
  expect(Object.values(environment)).not.toContain('sk-of-the-account');
  expect(environment.EDITOR).toBe('vi');
});
