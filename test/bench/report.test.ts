// The bench's own judgement: rows, ratios and verdicts. How fast anything is is no matter of a test.
import { describe, expect, it } from 'vitest';
import { readOrder, writeOrder } from './marks.mjs';
import { judge, writeRows, writeTable } from './report.mjs';
import { median, percentile } from './statistics.mjs';

const bars = { key: 'k', name: 'n', digits: 0, good: 2, ahead: 4 };

describe('the report of the bench', () => {
  it('judges a value by its bars, the bar itself included', () => {
    expect([1, 2, 2.01, 4, 4.01, Number.NaN].map((value) => judge(bars, value))).toEqual([
      'good',
      'good',
      'ahead',
      'ahead',
      'behind',
      '',
    ]);
  });

  it('judges by the ratio to the pass-through and takes the latency of the stub off', () => {
    const rows = writeRows({
      stub: { wholeP50Ms: 0.1 },
      raw: { wholeP50Ms: 0.3, smallCpuPer1k: 0.1, paced1000Dropped: 0 },
      gateway: { wholeP50Ms: 0.5, smallCpuPer1k: 0.3, paced1000Dropped: 1 },
    });
    const find = (key: string) => rows.find(({ metric }) => metric.key === key);
    expect(find('wholeP50Ms')?.gateway).toBeCloseTo(0.4);
    expect(find('wholeP50Ms')?.ratio).toBeCloseTo(2);
    expect(find('smallCpuPer1k')?.verdict).toBe('ahead');
    expect(find('paced1000Dropped')?.verdict).toBe('behind');
  });

  it('puts each dialect beside the one stream that the others have', () => {
    const rows = writeRows({ raw: { streamCpuPer1M: 2 }, gateway: { streamCpuPer1M: 2, ollamaCpuPer1M: 3 } });
    const find = (key: string) => rows.find(({ metric }) => metric.key === key);
    expect(find('ollamaCpuPer1M')).toMatchObject({ raw: 2, gateway: 3, ratio: 1.5, verdict: 'ahead' });
    expect(find('geminiCpuPer1M')).toMatchObject({ raw: Number.NaN, gateway: Number.NaN, verdict: '' });
  });

  it('leaves out rows that were not measured', () => {
    const table = writeTable(writeRows({ gateway: { idleMB: 70 } }));
    expect(table.split('\n')).toHaveLength(3);
    expect(table).toContain('RSS idle');
  });

  it('takes the middle and the tail of unsorted values', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(percentile([5, 1, 4, 2, 3], 0.99)).toBe(5);
  });

  it('finds its order in the body of any request', () => {
    const order = { deltas: 90, everyMs: 50 };
    expect(readOrder(Buffer.from(JSON.stringify({ text: writeOrder(order) })))).toEqual(order);
    expect(readOrder(Buffer.from('{}'))).toBeUndefined();
  });
});
