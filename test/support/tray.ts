// The tray as a test uses it. Nobody can click a tray without a desktop, so its menu is caught where the app builds it,
// and its items are clicked there; what they do is real.
import type { ElectronApplication } from 'playwright';

/** The labels of the present menu by item; a checked item says so. */
export async function readTrayMenu(app: ElectronApplication): Promise<Record<string, string>> {
  return await app.evaluate(({ Menu, nativeTheme }) => {
    const build = Menu.buildFromTemplate;
    let menu: Electron.Menu | undefined;
    Menu.buildFromTemplate = (template) => {
      menu = build.call(Menu, template);
      return menu;
    };
    nativeTheme.emit('updated'); // the tray draws itself anew
    Menu.buildFromTemplate = build;
    const items = (menu?.items ?? []).filter((item) => item.type !== 'separator');
    return Object.fromEntries(items.map((item) => [item.id, item.checked ? `${item.label} (on)` : item.label]));
  });
}

/** Clicks an item of the present menu; fails where there is none or it is greyed out. */
export async function useTray(app: ElectronApplication, id: string): Promise<void> {
  await app.evaluate(({ Menu, nativeTheme }, wanted) => {
    const build = Menu.buildFromTemplate;
    let menu: Electron.Menu | undefined;
    Menu.buildFromTemplate = (template) => {
      menu = build.call(Menu, template);
      return menu;
    };
    nativeTheme.emit('updated');
    Menu.buildFromTemplate = build;
    const item = menu?.getMenuItemById(wanted);
    if (!item?.enabled) throw new Error(`The tray has no item ${wanted} to click.`);
    item.click();
  }, id);
}

/** What the app has put on the clipboard. */
export function readClipboard(app: ElectronApplication): Promise<string> {
  return app.evaluate(({ clipboard }) => clipboard.readText());
}
