// Many accounts in one text, one to a line, as other programs for K2-Think keep them: `accounts.txt` with e-mail and password as
// a JSON object, `tokens.txt` with a token. Either may stand in either file.
import type { Credential } from '../../credentials/credential.ts';
import type { AccountLists, ListedAccount } from '../login.ts';
import { readToken } from './jwt.ts';
import { METHODS } from './sign-in.ts';

/** The form of both files; `now` is the wall clock, in milliseconds since 1970. */
export function createLists(now: () => number): AccountLists {
  return {
    help: 'One account to a line: e-mail and password as in accounts.txt, or a token as in tokens.txt. Lines that begin with # do not count.',
    placeholder: '{"email": "me@example.org", "password": "…"}\neyJ…',
    files: ['accountsFile', 'tokensFile'],
    read: (text) => markTwins(text.split('\n').flatMap((line, index) => readLine(line.trim(), index + 1, now()))),
    write: writeFiles,
  };
}

function readLine(text: string, line: number, now: number): ListedAccount[] {
  const plain = text.replace(/^\uFEFF/, '');
  if (plain === '' || plain.startsWith('#')) return [];
  if (plain.startsWith('{')) return [readPerson(plain, line)];
  const token = readToken(plain);
  if (token === undefined) return [{ line, title: 'Unknown', problem: 'This is neither a JSON object nor a token.' }];
  const { user, expiresAt } = token;
  const title = user === undefined ? `Token of line ${line}` : `Token of ${user.slice(0, 8)}`;
  const draft = { method: METHODS.token, name: title, values: {}, secrets: { token: plain } };
  if (expiresAt === undefined) return [{ line, title, draft }];
  const end = `${new Date(expiresAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return [
    { line, title, draft, ...(expiresAt <= now ? { problem: `It ended ${end}.` } : { fact: `good until ${end}` }) },
  ];
}

function readPerson(text: string, line: number): ListedAccount {
  let entry: unknown;
  try {
    entry = JSON.parse(text);
  } catch {
    // The parser's own words would repeat a piece of the line, and with it of the password.
    return { line, title: 'Unknown', problem: 'The JSON object is damaged.' };
  }
  const { email, password, k2_password: older } = entry as Readonly<Record<string, unknown>>;
  const secret = password ?? older;
  if (typeof email !== 'string' || email.trim() === '')
    return { line, title: 'Unknown', problem: 'It has no "email".' };
  const title = email.trim();
  if (typeof secret !== 'string' || secret === '') return { line, title, problem: 'It has no "password".' };
  const values = { email: title };
  return { line, title, draft: { method: METHODS.password, name: title, values, secrets: { password: secret } } };
}

/** The later of two lines for the same account is told to be one. */
function markTwins(listed: readonly ListedAccount[]): ListedAccount[] {
  const lines = new Map<string, number>();
  return listed.map((one) => {
    if (one.draft === undefined) return one;
    const { values, secrets } = one.draft;
    const key = values.email?.toLowerCase() ?? secrets.token ?? '';
    const first = lines.get(key);
    if (first === undefined) {
      lines.set(key, one.line);
      return one;
    }
    return { line: one.line, title: one.title, problem: `It is the same as line ${first}.` };
  });
}

function writeFiles(accounts: readonly Credential[], withSecrets: boolean) {
  const people = accounts.flatMap(({ account, secrets }) => {
    const { email } = account.values;
    if (account.method !== METHODS.password || email === undefined) return [];
    return [JSON.stringify(withSecrets ? { email, password: secrets.password } : { email })];
  });
  const tokens = accounts.flatMap(({ account, secrets }) => {
    if (account.method !== METHODS.token) return [];
    return [withSecrets && secrets.token ? secrets.token : `# ${account.name}`];
  });
  const write = (name: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [{ name, text: `${lines.join('\n')}\n` }];
  return [...write('accounts.txt', people), ...write('tokens.txt', tokens)];
}
