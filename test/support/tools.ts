// The programs of this machine that some tests need. `npm test` looks for them, fetches what it may, and says in the
// environment where they are or why they are missing.
import { describe } from 'vitest';

/** A program that tests may need. */
export type Tool = 'chromium' | 'claude' | 'codex' | 'electron' | 'gemini' | 'keyring' | 'opencode' | 'xvfb';

/** Where a tool is; undefined where it is missing. */
export function findTool(tool: Tool): string | undefined {
  return process.env[`PATCHBAY_TEST_${tool.toUpperCase()}`] || undefined;
}

/** Why a tool is missing. */
export function describeMissing(tool: Tool): string {
  return process.env[`PATCHBAY_TEST_${tool.toUpperCase()}_MISSING`] || `no ${tool} named; npm test prepares it`;
}

/** A `describe` whose tests need tools; without them each is skipped, and its name says why. */
export function describeWith(tools: readonly Tool[], name: string, define: () => void): void {
  const missing = tools.filter((tool) => findTool(tool) === undefined);
  if (missing.length === 0) describe(name, define);
  else describe.skip(`${name} [skipped: ${missing.map(describeMissing).join('; ')}]`, define);
}
