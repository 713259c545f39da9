// `npm test`: prepares what the tests need, builds once, runs every test, says of each skipped one why, and ends with the
// count. Arguments are passed on to vitest.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildIfStale } from './build-if-stale.mjs';
import { prepareTestTools } from './test-tools.mjs';

const ROOT = join(import.meta.dirname, '..');

const environment = { ...process.env, ...(await prepareTestTools(ROOT)) };
const problem = buildIfStale(ROOT);
if (problem !== undefined) {
  console.error(problem);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'patchbay-test-'));
const outcomeFile = join(folder, 'outcome.json');
const { status } = spawnSync(
  process.execPath,
  [
    join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    `--reporter=${join(ROOT, 'scripts', 'test-reporter.mjs')}`,
    ...process.argv.slice(2),
  ],
  { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env: { ...environment, PATCHBAY_TEST_OUTCOME: outcomeFile } },
);
const outcome = readOutcome();
rmSync(folder, { recursive: true, force: true });
for (const name of outcome.skipped) console.log(`skipped: ${name}`);
const failed = outcome.failed === 0 && status !== 0 ? 1 : outcome.failed;
console.log(`${outcome.passed} passed, ${failed} failed, ${outcome.skipped.length} skipped`);
process.exit(failed === 0 ? 0 : 1);

function readOutcome() {
  try {
    return JSON.parse(readFileSync(outcomeFile, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: [] };
  }
}
