// What a session is called where it is shown. Pure.
import type { SessionView } from '../../../shared/projects.ts';
import { formatDayAndTime } from '../../lib/format.ts';

/** Its title; where no words of it are kept, it has only its project's name, and is told apart by when it began. */
export function titleSession({ title, createdAt }: SessionView, project: string | undefined): string {
  if (title !== '' && title !== project) return title;
  const began = formatDayAndTime(createdAt);
  return title === '' ? began : `${title}, ${began}`;
}
