// Builds the GUI, serves it with the fake contract over real oRPC on loopback, and takes a picture of every page in every
// state that is worth a look. `node test/renderer/screenshots.mjs FOLDER [part-of-a-name]`; it judges nothing by itself.
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { implement } from '@orpc/server';
import { RPCHandler } from '@orpc/server/node';
import react from '@vitejs/plugin-react';
import { chromium } from 'playwright';
import { build, createServer } from 'vite';

const [folder = 'out/screenshots', wanted = ''] = process.argv.slice(2);
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

const built = await mkdtemp(join(tmpdir(), 'patchbay-gui-'));
await build({
  configFile: false,
  root: 'renderer',
  base: './',
  plugins: [react()],
  logLevel: 'warn',
  build: { outDir: built, emptyOutDir: true, chunkSizeWarningLimit: 1200 },
});
const loader = await createServer({
  configFile: false,
  server: { middlewareMode: true, ws: false },
  appType: 'custom',
  logLevel: 'error',
  optimizeDeps: { noDiscovery: true },
});
const { contract } = await loader.ssrLoadModule('/shared/contract.ts');
const { createFakeContract } = await loader.ssrLoadModule('/test/support/fake-contract.ts');
const { SCENES } = await loader.ssrLoadModule('/test/renderer/scenes.ts');

/** Binds each procedure of the contract to the function of the same path in the fake client. */
function bind(procedures, functions) {
  return Object.fromEntries(
    Object.entries(procedures).flatMap(([name, procedure]) => {
      const call = functions[name];
      // What no scene asks for may be missing in the fake.
      if (call === undefined) return [];
      if (typeof call !== 'function') return [[name, bind(procedure, call)]];
      return [[name, procedure.handler(({ input, signal }) => call(input, { signal }))]];
    }),
  );
}

let fake;
let handler;
const server = createHttpServer(async (request, response) => {
  const { matched } = await handler.handle(request, response, { prefix: '/gui/rpc', context: {} });
  if (matched) return;
  const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
  const file = join(built, path === '/' ? 'index.html' : path);
  try {
    const body = await readFile(file);
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${server.address().port}`;

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
let problems = 0;
const say = (text) => process.stdout.write(`${text}\n`);
for (const scene of SCENES.filter(({ name }) => name.includes(wanted))) {
  fake = createFakeContract(scene.state?.() ?? {}, { stepPauseMs: scene.stepPauseMs ?? 0 });
  const os = implement(contract);
  handler = new RPCHandler(os.router(bind(os, fake.client)));
  for (const variant of scene.variants) {
    const [width, height, scheme, zoom = 1] = variant;
    const page = await browser.newPage({
      viewport: { width: Math.round(width / zoom), height: Math.round(height / zoom) },
      deviceScaleFactor: zoom,
      colorScheme: scheme,
    });
    page.setDefaultTimeout(4000);
    page.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type())) return;
      problems += 1;
      say(`${scene.name}: ${message.text()}`);
    });
    page.on('pageerror', (error) => {
      problems += 1;
      say(`${scene.name}: ${error.stack}`);
    });
    await page.goto(`${origin}/#${scene.hash}`);
    await page.waitForLoadState('networkidle', { timeout: 1500 }).catch(() => undefined);
    await scene.act?.(page, fake).catch((error) => {
      problems += 1;
      say(`${scene.name}: ${error.message}`);
    });
    await page.waitForTimeout(scene.settleMs ?? 450);
    await page.screenshot({
      path: join(folder, `${scene.name}-${width}-${scheme}${zoom === 1 ? '' : `-zoom${zoom}`}.png`),
    });
    await page.close();
  }
}
await browser.close();
await loader.close();
server.closeAllConnections();
server.close();
await rm(built, { recursive: true, force: true });
say(`done, ${problems} problems in the console`);
