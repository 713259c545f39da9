// Messages of the system's that open the window when they are clicked.
import { Notification } from 'electron';
import type { MainWindow } from './window.ts';

/** Those that stand on the screen: one that nobody holds loses its click. */
const standing = new Set<Notification>();

/** Makes a message; it is not shown yet. */
export function createNotice(title: string, body: string, window: Pick<MainWindow, 'show'>): Notification {
  const notice = new Notification({ title, body });
  standing.add(notice);
  notice.on('click', () => window.show());
  notice.on('close', () => standing.delete(notice));
  return notice;
}
