// The build: main process, headless entry and log worker for Node, the preload for Electron's sandbox, the GUI for
// Chromium. Everything is bundled, because one file starts faster than a tree of them; only native modules stay outside.
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';

const NATIVE = ['libsql', /^keytar(\/|$)/];
// The oldest runtime that must run it: Electron 33 carries Node 20.18.
const NODE_TARGET = 'node20.18';

/** The sources are ES modules; what is built from them for Node is not. */
function markCommonJs(): Plugin {
  return {
    name: 'mark-commonjs',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'package.json', source: '{ "type": "commonjs" }\n' });
    },
  };
}

export default defineConfig({
  main: {
    build: {
      target: NODE_TARGET,
      externalizeDeps: false,
      rolldownOptions: {
        external: NATIVE,
        input: {
          desktop: 'main/desktop/main.ts',
          headless: 'main/headless.ts',
          'request-log-worker': 'main/request-log/worker.ts',
        },
        output: {
          // CommonJS runs at once: Electron is told of the GUI's scheme before it is ready, and Node starts sooner.
          format: 'cjs',
          // The entry's ending tells Electron so as well, whatever package.json says.
          entryFileNames: ({ name }) => (name === 'desktop' ? '[name].cjs' : '[name].js'),
          // Flat, so that a path made from `import.meta.url` is right whichever chunk the code lands in.
          chunkFileNames: '[name]-[hash].js',
        },
      },
    },
    plugins: [markCommonJs()],
  },
  preload: {
    build: {
      target: NODE_TARGET,
      externalizeDeps: false,
      // A sandboxed preload cannot be an ES module.
      rolldownOptions: {
        input: { preload: 'main/desktop/preload.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    build: {
      outDir: 'out/renderer',
      target: 'chrome130',
      minify: true,
      rolldownOptions: { input: resolve('renderer/index.html') },
    },
    plugins: [react()],
  },
});
