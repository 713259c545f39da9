// Draws the PNGs of the app icon and the tray from the SVGs in `assets/`; run it after changing one of those.
// macOS finds `nameTemplate.png` and `nameTemplate@2x.png` by their names.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';

const ASSETS = join(import.meta.dirname, '..', 'assets');
const APP_SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
const TRAY_SIZES = [16, 22, 32];

const draw = (svg, size) => new Resvg(svg, { fitTo: { mode: 'width', value: size } }).render().asPng();

async function drawAppIcon() {
  const svg = await readFile(join(ASSETS, 'icon.svg'), 'utf8');
  await rm(join(ASSETS, 'icons'), { recursive: true, force: true });
  await mkdir(join(ASSETS, 'icons'), { recursive: true });
  for (const size of APP_SIZES) await writeFile(join(ASSETS, 'icons', `${size}x${size}.png`), draw(svg, size));
}

/** `works-dark-22.png` and `works-dark-22@2x.png`; templates only at 16, as `worksTemplate.png` and `worksTemplate@2x.png`. */
async function drawTray() {
  const folder = join(ASSETS, 'tray');
  const files = await readdir(folder);
  await Promise.all(files.filter((file) => file.endsWith('.png')).map((file) => rm(join(folder, file))));
  for (const file of files.filter((name) => name.endsWith('.svg'))) {
    const svg = await readFile(join(folder, file), 'utf8');
    const name = file.replace(/\.svg$/, '');
    const template = name.endsWith('-template');
    for (const size of template ? [16] : TRAY_SIZES) {
      const stem = template ? name.replace(/-template$/, 'Template') : `${name}-${size}`;
      await writeFile(join(folder, `${stem}.png`), draw(svg, size));
      await writeFile(join(folder, `${stem}@2x.png`), draw(svg, size * 2));
    }
  }
}

await drawAppIcon();
await drawTray();
console.log('Icons drawn.');
