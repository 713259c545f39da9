// Bundles the programs that tests start as threads or processes of their own: those run plain JavaScript only.
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
      ssr: true,
      outDir: at('../../.cache/test'),
      emptyOutDir: false,
      target: 'node20',
      rolldownOptions: {
        input: {
          'request-log-worker': at('../../main/request-log/worker.ts'),
          'session-writer': at('./session-writer.ts'),
          'store-writer': at('./store-writer.ts'),
          'vault-child': at('./vault-child.ts'),
        },
        output: { entryFileNames: '[name].js' },
      },
    },
  });
}
