// Bundles the request log's worker before the first test: a worker thread runs plain JavaScript only.
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Vitest calls this once for each run. */
export async function setup(): Promise<void> {
  await build({
    configFile: false,
    root: at('../../'),
    logLevel: 'error',
    build: {
      ssr: at('../../main/request-log/worker.ts'),
      outDir: at('../../.cache/test'),
      emptyOutDir: false,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'request-log-worker.js' } },
    },
  });
}
