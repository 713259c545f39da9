// What the program says of the plan of whoever is signed in.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../main/canonical/conversation.ts';
import { createAgentReader } from '../../../../main/providers/claude-code/agent-reader.ts';
import { createToolNames } from '../../../../main/providers/claude-code/names.ts';
import { createReplyReader } from '../../../../main/providers/claude-code/stream.ts';
import { readPlan } from '../../../../main/providers/claude-code/usage.ts';
import type { QuotaMeter } from '../../../../shared/quota.ts';

const RESET_S = 1_795_230_589;
const event = (info: JsonObject): JsonObject => ({ type: 'rate_limit_event', rate_limit_info: info });
const ALLOWED = event({
  status: 'allowed',
  resetsAt: RESET_S,
  rateLimitType: 'five_hour',
  isUsingOverage: false,
  unifiedWindows: {
    five_hour: { utilization: 0.24, resetsAt: RESET_S },
    seven_day: { utilization: 0.13, resetsAt: RESET_S + 86_400 },
    something_new: { utilization: 0.5 },
  },
});
const FIVE_HOURS = { label: '5 hours', used: 24, limit: 100, unit: '%', resetsAt: RESET_S * 1000 };
const SEVEN_DAYS = { label: '7 days', used: 13, limit: 100, unit: '%', resetsAt: (RESET_S + 86_400) * 1000 };

test('windows whose use is told are meters of the plan', () => {
  expect(readPlan(ALLOWED)).toEqual([FIVE_HOURS, SEVEN_DAYS]);
});

test('a limit that was hit is a full meter until it is lifted', () => {
  const info = { status: 'rejected', resetsAt: RESET_S, rateLimitType: 'seven_day_opus', isUsingOverage: false };
  expect(readPlan(event(info))).toEqual([{ ...FIVE_HOURS, label: '7 days, Opus', used: 100 }]);
});

test('a plan that goes on beyond its limit says so', () => {
  const info = { status: 'allowed_warning', rateLimitType: 'five_hour', utilization: 1.04, isUsingOverage: true };
  expect(readPlan(event(info))).toEqual([{ label: '5 hours', used: 104, limit: 100, unit: '%', goesOn: true }]);
});

test.each([
  ['no use', { status: 'allowed', resetsAt: RESET_S, rateLimitType: 'five_hour' }],
  ['a window that nobody knows', { status: 'rejected', resetsAt: RESET_S, rateLimitType: 'overage' }],
  ['nonsense', { status: 'allowed', rateLimitType: 'five_hour', utilization: 'much', unifiedWindows: [1, 'two'] }],
])('an event that tells %s is no meter', (_, info) => {
  expect(readPlan(event(info))).toEqual([]);
});

test('an event without anything is no meter', () => {
  expect(readPlan({ type: 'rate_limit_event' })).toEqual([]);
});

test('both readers pass on what they hear, also when the reply has ended', () => {
  const heard: (readonly QuotaMeter[])[] = [];
  const meter = (meters: readonly QuotaMeter[]) => void heard.push(meters);
  const reply = createReplyReader({ renewsLogin: false, retries: 0, names: createToolNames([]), meter });
  const agent = createAgentReader({ showsSteps: false, folder: '/project', note: () => {}, meter });
  const path = join(import.meta.dirname, '../../../fixtures/claude-code/rate-limit-plan.jsonl');
  for (const line of readFileSync(path, 'utf8').trim().split('\n')) reply.read(JSON.parse(line) as JsonObject);
  agent.read(ALLOWED);
  reply.end({ code: 1, signal: undefined, failure: undefined, stderr: '' });
  reply.read(ALLOWED);
  expect(heard).toEqual([[{ ...FIVE_HOURS, used: 100 }], [FIVE_HOURS, SEVEN_DAYS], [FIVE_HOURS, SEVEN_DAYS]]);
});
