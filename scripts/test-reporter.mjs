// Counts what vitest ran and writes it to the file that PATCHBAY_TEST_OUTCOME names. A test file that cannot be loaded, and
// an error outside of any test, count as failed tests.
import { writeFileSync } from 'node:fs';

// biome-ignore lint/style/noDefaultExport: vitest takes a reporter by its default export
export default class OutcomeReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const outcome = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) {
      outcome.failed += module.errors().length;
      for (const suite of module.children.allSuites()) outcome.failed += suite.errors().length;
      for (const test of module.children.allTests()) count(outcome, test);
    }
    writeFileSync(process.env.PATCHBAY_TEST_OUTCOME, JSON.stringify(outcome));
  }
}

function count(outcome, test) {
  const { state, note } = test.result();
  if (state === 'passed') outcome.passed += 1;
  else if (state === 'failed') outcome.failed += 1;
  else outcome.skipped.push(`${test.module.relativeModuleId}: ${test.fullName}${note ? ` (${note})` : ''}`);
}
