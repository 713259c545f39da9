// What every call says of itself, for each kind of login and each client in whose manner it is written.
import { expect, it } from 'vitest';
import type { KiroAccess } from '../../../../main/providers/kiro/access.ts';
import { listCallWays } from '../../../../main/providers/kiro/endpoints.ts';
import { writeCallHeaders, writeControlHeaders } from '../../../../main/providers/kiro/headers.ts';

const ARN = 'arn:aws:codewhisperer:us-east-1:111122223333:profile/OWN';
const access = (kind: KiroAccess['kind']): KiroAccess => ({
  kind,
  token: 'secret',
  apiRegion: 'us-east-1',
  fingerprint: 'ab'.repeat(32),
});
const write = (kind: KiroAccess['kind'], at: number, values: Record<string, string> = {}) => {
  const way = listCallWays({ ...access(kind), profileArn: kind === 'api-key' ? undefined : ARN }, { endpoints: {} })[
    at
  ];
  if (way === undefined) throw new Error('no such way');
  return writeCallHeaders(access(kind), { values }, way.style, 1, way.profileArn);
};

it('a call in the manner of the IDE', () => {
  const { 'amz-sdk-invocation-id': id, 'user-agent': agent, 'x-amz-user-agent': short, ...rest } = write('social', 0);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  expect(agent).toMatch(
    /^aws-sdk-js\/1\.0\.34 ua\/2\.1 os\/\S+#\S+ lang\/js md\/nodejs#\S+ api\/codewhispererstreaming#1\.0\.34 m\/E KiroIDE-1\.0\.0-(ab){32}$/,
  );
  expect(short).toBe(`aws-sdk-js/1.0.34 KiroIDE-1.0.0-${'ab'.repeat(32)}`);
  expect(rest).toEqual({
    authorization: 'Bearer secret',
    'amz-sdk-request': 'attempt=1; max=3',
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'AmazonCodeWhispererStreamingService.GenerateAssistantResponse',
    accept: 'application/vnd.amazon.eventstream',
    'x-amzn-codewhisperer-optout': 'true',
    'x-amzn-kiro-agent-mode': 'vibe',
    'x-amzn-kiro-profile-arn': ARN,
  });
});

it('a call in the manner of the command line says nothing of the IDE', () => {
  const headers = write('social', 1);
  expect(headers['user-agent']).toMatch(
    /^aws-sdk-rust\/1\.3\.15 ua\/2\.1 api\/codewhispererstreaming\/0\.1\.17975 os\/(linux|macos|windows) lang\/rust\/1\.92\.0 md\/appVersion-2\.14\.2 m\/F app\/AmazonQ-For-CLI$/,
  );
  expect(headers['x-amz-user-agent']).not.toContain('appVersion');
  expect(headers).not.toHaveProperty('x-amzn-kiro-agent-mode');
  expect(headers).not.toHaveProperty('x-amz-target');
});

it('keys and logins of others say what they are, and a key names no profile', () => {
  expect(write('api-key', 0)).toMatchObject({ tokentype: 'API_KEY' });
  expect(write('api-key', 0)).not.toHaveProperty('x-amzn-kiro-profile-arn');
  expect(write('external-idp', 0)).toMatchObject({ tokentype: 'EXTERNAL_IDP' });
  expect(write('builder-id', 0)).not.toHaveProperty('tokentype');
});

it('the account says which releases it is written like', () => {
  expect(write('social', 0, { ideVersion: '1.2.3' })['user-agent']).toContain('KiroIDE-1.2.3-');
  expect(write('social', 1, { cliVersion: '2.99.0' })['user-agent']).toContain('md/appVersion-2.99.0 ');
});

it('a look-up names another service, and its operation only where the address does not', () => {
  const named = writeControlHeaders(access('social'), { values: {} }, 'cli', 'Service.Operation');
  expect(named).toMatchObject({ 'x-amz-target': 'Service.Operation', 'content-type': 'application/x-amz-json-1.0' });
  const byAddress = writeControlHeaders(access('social'), { values: {} }, 'ide', undefined);
  expect(byAddress).not.toHaveProperty('x-amz-target');
  expect(byAddress['user-agent']).toContain('api/codewhispererruntime#1.0.0 m/N,E');
});
