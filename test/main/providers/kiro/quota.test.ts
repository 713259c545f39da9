// What is left of a plan, out of every shape in which Kiro has told it.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHttpClient, type HttpClient } from '../../../../main/http/client.ts';
import { createControl } from '../../../../main/providers/kiro/control-calls.ts';
import { askQuota, readUsageLimits } from '../../../../main/providers/kiro/quota.ts';
import { createFakeLogins, createKiroCredential } from '../../../support/kiro-account.ts';
import { type KiroStub, PROFILE, refuse, startKiroStub, USAGE } from '../../../support/kiro-stub.ts';

let stub: KiroStub;
let http: HttpClient;

beforeEach(async () => {
  stub = await startKiroStub();
  http = createHttpClient();
});

afterEach(async () => {
  await http.close();
  await stub.close();
});

const ask = (logins = createFakeLogins()) =>
  askQuota(createControl({ http, logins }), {
    credential: createKiroCredential(stub),
    signal: new AbortController().signal,
  });

const PRO = {
  meters: [{ label: 'Credits', used: 1417.43, limit: 2000, unit: 'credits', resetsAt: 1_785_542_400_000 }],
  plan: 'KIRO PRO+',
  user: 'ada@example.com',
};

it.each([
  [
    'KiroControlPlaneBearerService.GetUsageLimits',
    'POST',
    { origin: 'KIRO_CLI', isEmailRequired: true, profileArn: PROFILE },
  ],
  ['GET /getUsageLimits', 'GET', { origin: 'KIRO_CLI', isEmailRequired: 'true', profileArn: PROFILE }],
  [
    'AmazonCodeWhispererService.GetUsageLimits',
    'POST',
    { origin: 'KIRO_CLI', isEmailRequired: true, profileArn: PROFILE },
  ],
])('is told by %s', async (form, method, asked) => {
  const forms = [
    'KiroControlPlaneBearerService.GetUsageLimits',
    'GET /getUsageLimits',
    'AmazonCodeWhispererService.GetUsageLimits',
  ];
  for (const other of forms) if (other !== form) stub.refused.set(other, refuse(404, ''));
  expect(await ask()).toEqual(PRO);
  const request = stub.requests.find(({ style }) => style === form);
  expect([request?.method, method === 'GET' ? request?.query : request?.body]).toEqual([method, asked]);
});

it('is not asked for again where the account is to wait or is closed', async () => {
  stub.refused.set('KiroControlPlaneBearerService.GetUsageLimits', refuse(429, 'Slow down.'));
  await expect(ask()).rejects.toMatchObject({ kind: 'rate-limited' });
  expect(stub.requests).toHaveLength(1);
  stub.requests.length = 0;
  const closed = 'Your User ID temporarily is suspended. We have locked your account.';
  stub.refused.set('KiroControlPlaneBearerService.GetUsageLimits', refuse(403, closed));
  await expect(ask()).rejects.toThrow('suspended');
  expect(stub.requests).toHaveLength(1);
});

it('says the first refusal where no form is answered', async () => {
  stub.tokens.clear();
  const logins = createFakeLogins();
  await expect(ask(logins)).rejects.toMatchObject({ message: 'Token expired', status: 403 });
  expect(logins.renewals).toBe(1);
});

const entry = (extra: object = {}) => ({
  resourceType: 'CREDIT',
  displayNamePlural: 'Credits',
  currentUsage: 40,
  usageLimit: 50,
  ...extra,
});
const read = (...entries: object[]) => readUsageLimits({ usageBreakdownList: entries }).meters[0];

it('counts a free trial and bonuses while they are active', () => {
  const meter = read(
    entry({
      freeTrialInfo: { freeTrialStatus: 'ACTIVE', currentUsage: 106, usageLimit: 500, freeTrialExpiry: 1_786_000_000 },
      bonuses: [
        { displayName: 'Promo', currentUsage: 0.5, usageLimit: 100, expiresAt: 1_786_000_000_000, status: 'ACTIVE' },
        { bonusCode: 'OLD', currentUsage: 0, usageLimit: 999, status: 'EXPIRED' },
      ],
    }),
  );
  expect(meter).toEqual({
    label: 'Credits',
    unit: 'credits',
    used: 146.5,
    limit: 650,
    resetsAt: undefined,
    parts: [
      { label: 'Plan', used: 40, limit: 50 },
      { label: 'Free trial', used: 106, limit: 500, endsAt: 1_786_000_000_000 },
      { label: 'Promo', used: 0.5, limit: 100, endsAt: 1_786_000_000_000 },
    ],
  });
});

it.each([
  ['ACTIVE', 150],
  ['EXPIRED', 50],
  [undefined, 50],
])('a free trial that is %s makes a limit of %i', (freeTrialStatus, limit) => {
  expect(read(entry({ freeTrialInfo: { freeTrialStatus, currentUsage: 0, usageLimit: 100 } }))?.limit).toBe(limit);
});

it.each([
  ['ENABLED', true],
  ['OVERAGE_ENABLED', true],
  ['DISABLED', undefined],
  ['OVERAGE_DISABLED', undefined],
  [undefined, undefined],
])('an overage that is %s lets requests go on: %s', (overageStatus, goesOn) => {
  const quota = readUsageLimits({ usageBreakdownList: [entry()], overageConfiguration: { overageStatus } });
  expect(quota.meters[0]?.goesOn).toBe(goesOn);
});

it.each([
  ['seconds', 1_785_542_400],
  ['a fraction of a second', 1_785_542_400.0],
  ['milliseconds', 1_785_542_400_000],
])('begins anew at a time told in %s', (_words, nextDateReset) => {
  expect(read(entry({ nextDateReset }))?.resetsAt).toBe(1_785_542_400_000);
});

it('is that of credits, else of requests, else of whatever comes first', () => {
  const vibe = entry({ resourceType: 'VIBE', usageLimit: 1 });
  const requests = entry({ resourceType: 'AGENTIC_REQUEST', usageLimit: 2 });
  expect([read(vibe, requests, entry())?.limit, read(vibe, requests)?.limit, read(vibe)?.limit]).toEqual([50, 2, 1]);
  expect(readUsageLimits({ usageBreakdown: entry() }).meters[0]?.limit).toBe(50);
});

it.each([
  ['an empty list', { usageBreakdownList: [] }],
  ['no list', {}],
  ['numbers that are none', { usageBreakdownList: [{ currentUsage: 'many', usageLimit: null }] }],
])('of %s is unknown, not zero', (_words, body) => {
  expect(readUsageLimits({ ...body, subscriptionInfo: USAGE.subscriptionInfo })).toEqual({
    meters: [],
    plan: 'KIRO PRO+',
    user: undefined,
  });
});
