// Files in a bot's text: `![title][ab12]` stands for a file that comes in an event of its own. Known ones are put in their
// place, the others are told at the end, so that text never waits for a file.

/** A file of an answer. */
export interface BotFile {
  readonly url: string;
  readonly mediaType: string | undefined;
  readonly name: string | undefined;
  readonly ref: string | undefined;
}

/** Takes the text and the files of one answer. */
export interface FileMarks {
  add(file: BotFile): void;
  /** The text with its marks resolved, as far as it can be said already. */
  push(text: string): string;
  /** What was held back, and every file that the text has not shown. */
  end(): string;
}

const MARK = /!\[([^\]\n]{0,200})\]\[([^\]\n]{1,64})\]/g;
const OPEN = /!(?:\[[^\]\n]{0,200}(?:\](?:\[[^\]\n]{0,64})?)?)?$/;

/** Marks of one answer; `files` are those that came before. */
export function createFileMarks(files: BotFile[] = []): FileMarks {
  const shown = new Set<BotFile>();
  const wanted = new Set<string>();
  let held = '';
  let said = '';

  const resolve = (text: string) =>
    text.replace(MARK, (mark, title: string, ref: string) => {
      const file = files.find((one) => one.ref === ref);
      if (file === undefined) {
        wanted.add(ref);
        return mark;
      }
      shown.add(file);
      return writeImage(title || file.name, file.url);
    });
  const say = (text: string) => {
    const resolved = resolve(text);
    said += resolved.slice(-2);
    return resolved;
  };

  return {
    add: (file) => void files.push(file),
    push: (text) => {
      held += text;
      const at = held.search(OPEN);
      const whole = at < 0 ? held : held.slice(0, at);
      held = held.slice(whole.length);
      return say(whole);
    },
    end: () => {
      const rest = say(held);
      held = '';
      const late = files.filter((file) => !shown.has(file));
      // Markdown finds the address of a mark wherever it stands.
      const lines = late.map((file) =>
        file.ref !== undefined && wanted.has(file.ref) ? `[${file.ref}]: ${writeUrl(file.url)}` : writeFile(file),
      );
      for (const file of late) shown.add(file);
      if (lines.length === 0) return rest;
      const gap = said === '' ? '' : said.endsWith('\n\n') ? '' : '\n\n';
      return rest + gap + lines.join('\n\n');
    },
  };
}

function writeFile({ url, mediaType, name }: BotFile): string {
  if (mediaType?.startsWith('image/')) return writeImage(name, url);
  return `[${writeTitle(name ?? 'file')}](${writeUrl(url)})`;
}

const writeImage = (title: string | undefined, url: string) => `![${writeTitle(title ?? 'image')}](${writeUrl(url)})`;

/** Nothing in it may end the title. */
const writeTitle = (title: string) => title.replace(/[[\]\n\r]/g, ' ').trim();

/** Nothing in it may end the address. */
const writeUrl = (url: string) =>
  url
    .replace(/[()<>\s]/g, encodeURIComponent)
    .replace(/\(/g, '%28')
    .replace(/\)/g, '%29');
