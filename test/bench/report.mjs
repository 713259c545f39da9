// @ts-check
// The table: one row per metric, the gateway's ratio to the pass-through, our bars and the verdict. Judges medians only.
import { DIALECTS } from './dialects.mjs';
import { nameDialectMetric, PACED_IDEAL_MS } from './scenarios.mjs';

/** @typedef {'good' | 'ahead' | 'behind' | ''} Verdict */

/**
 * One row. A metric without bars is shown and not judged.
 * @typedef {object} Metric
 * @property {string} key
 * @property {string} name
 * @property {number} digits
 * @property {'ratio' | 'value'} [judge]  What the bars are about.
 * @property {number} [good]
 * @property {number} [ahead]
 * @property {boolean} [added]  Shown as what the server adds to the stub's own time.
 * @property {string} [against]  The metric of the others that it stands beside, where they have none of its own.
 */

/** @param {number} streams @returns {Metric[]} */
function pacedMetrics(streams) {
  const key = `paced${streams}`;
  const name = `${streams} slow streams`;
  return [
    { key: `${key}Dropped`, name: `${name}: dropped`, digits: 0, judge: 'value', good: 0 },
    { key: `${key}WallMs`, name: `${name}: wall, ms`, digits: 0, judge: 'value', good: PACED_IDEAL_MS + 500 },
    { key: `${key}LagP50Ms`, name: `${name}: lag p50, ms`, digits: 1 },
    { key: `${key}LagP99Ms`, name: `${name}: lag p99, ms`, digits: 1, judge: 'value', good: 30 },
    { key: `${key}CpuPer1M`, name: `${name}: CPU s per 1M deltas`, digits: 1, judge: 'ratio', good: 1.2, ahead: 1.6 },
    { key: `${key}PeakMB`, name: `${name}: peak RSS, MB`, digits: 0 },
    { key: `${key}KBPerStream`, name: `${name}: kB per stream`, digits: 0, judge: 'value', good: 60, ahead: 80 },
  ];
}

/** All rows in the order of the table. @type {readonly Metric[]} */
export const METRICS = [
  { key: 'wholeP50Ms', name: 'added latency, whole, p50, ms', digits: 2, added: true },
  { key: 'wholeP99Ms', name: 'added latency, whole, p99, ms', digits: 2, added: true },
  { key: 'firstP50Ms', name: 'added latency, first token, p50, ms', digits: 2, added: true },
  { key: 'firstP99Ms', name: 'added latency, first token, p99, ms', digits: 2, added: true },
  { key: 'smallPerSecond', name: 'small requests/s, 16 connections', digits: 0 },
  { key: 'smallCpuPer1k', name: 'CPU s per 1,000 small requests', digits: 3, judge: 'ratio', good: 2, ahead: 4 },
  { key: 'agentPerSecond', name: '68 kB requests/s, 16 connections', digits: 0 },
  { key: 'agentCpuPer1k', name: 'CPU s per 1,000 requests of 68 kB', digits: 3, judge: 'ratio', good: 2, ahead: 3 },
  { key: 'deltasPerSecond', name: 'deltas/s, 16 full-speed streams', digits: 0 },
  { key: 'streamCpuPer1M', name: 'CPU s per 1M deltas, full speed', digits: 2, judge: 'ratio', good: 1.3, ahead: 2 },
  ...DIALECTS.map((dialect) => ({
    key: nameDialectMetric(dialect),
    name: `CPU s per 1M deltas, ${dialect.path.replace(/models\/[^:]*/, 'models/…')}`,
    digits: 2,
    judge: /** @type {const} */ ('ratio'),
    good: 1.3,
    ahead: 2,
    against: 'streamCpuPer1M',
  })),
  { key: 'dialectsDropped', name: 'streams in these dialects that failed', digits: 0, judge: 'value', good: 0 },
  { key: 'streamFirstP50Ms', name: 'first token p50, 16 full-speed streams, ms', digits: 1 },
  { key: 'dropped', name: 'requests and streams above that failed', digits: 0, judge: 'value', good: 0 },
  ...pacedMetrics(500),
  ...pacedMetrics(1000),
  { key: 'idleMB', name: 'RSS idle, MB', digits: 0 },
  { key: 'startMs', name: 'start to first answer, ms', digits: 0 },
];

/** How `value` stands against the bars of `metric`; lower is better in every judged row. @param {Metric} metric @param {number} value @returns {Verdict} */
export function judge({ good, ahead }, value) {
  if (good === undefined || Number.isNaN(value)) return '';
  if (value <= good) return 'good';
  return ahead !== undefined && value <= ahead ? 'ahead' : 'behind';
}

/**
 * The rows of the table, with numbers.
 * @param {Record<string, Record<string, number>>} medians  By server, then by metric.
 */
export function writeRows(medians) {
  return METRICS.map((metric) => {
    const base = metric.added ? (medians.stub?.[metric.key] ?? 0) : 0;
    const [stub, raw, gateway] = ['stub', 'raw', 'gateway'].map((name) => {
      const isMissing = medians.gateway?.[metric.key] === undefined;
      const key = name === 'gateway' || metric.against === undefined || isMissing ? metric.key : metric.against;
      const value = medians[name]?.[key];
      return value === undefined ? Number.NaN : value - (name === 'stub' ? 0 : base);
    });
    const ratio = Number(gateway) / Number(raw);
    const judged = metric.judge === undefined ? Number.NaN : metric.judge === 'ratio' ? ratio : Number(gateway);
    return {
      metric,
      stub: Number(stub),
      raw: Number(raw),
      gateway: Number(gateway),
      ratio,
      verdict: judge(metric, judged),
    };
  });
}

/** The rows that have a figure, as a markdown table. @param {ReturnType<typeof writeRows>} rows */
export function writeTable(rows) {
  const measured = rows.filter(({ stub, raw, gateway }) => ![stub, raw, gateway].every(Number.isNaN));
  const cells = measured.map(({ metric, stub, raw, gateway, ratio, verdict }) => [
    metric.name,
    writeNumber(stub, metric.digits),
    writeNumber(raw, metric.digits),
    writeNumber(gateway, metric.digits),
    writeRatio(ratio),
    writeBar(metric, metric.good),
    writeBar(metric, metric.ahead),
    verdict || '-',
  ]);
  const head = ['metric', 'stub alone', 'raw http', 'Patchbay', 'ratio to raw', 'good', 'ahead', 'verdict'];
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
  /** @param {string[]} row */
  const writeLine = (row) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [writeLine(head), rule, ...cells.map(writeLine)].join('\n');
}

/** @param {number} value @param {number} digits */
function writeNumber(value, digits) {
  if (Number.isNaN(value)) return '-';
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** @param {number} ratio */
function writeRatio(ratio) {
  return Number.isFinite(ratio) && ratio > 0 ? `${ratio.toFixed(2)}x` : '-';
}

/** @param {Metric} metric @param {number | undefined} bar */
function writeBar(metric, bar) {
  if (bar === undefined) return '-';
  return metric.judge === 'ratio' ? `<= ${bar}x` : `<= ${writeNumber(bar, 0)}`;
}
