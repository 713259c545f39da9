// Accounts of the configuration file that stand in a file of their own, one to a line: each becomes an account under the id of
// the entry and its own name. The file holds secrets, so its faults are named by line and never by what stands there.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FileAccount } from '../credentials/account-sources.ts';
import { makeUnique, slug } from '../util/slug.ts';
import type { ConfigProvider, Faults } from './config-checks.ts';

/** The entry of the configuration file, as far as all its accounts share it. */
export interface ListEntry {
  readonly id: string;
  readonly name: string;
  readonly provider: ConfigProvider;
  /** What the list's own lines do not say: choices of all its accounts. */
  readonly values: Readonly<Record<string, string>>;
  /** Those that all its accounts share, such as the proxy with its password. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly endpoints: Readonly<Record<string, string>>;
  readonly models: readonly string[];
}

/** The accounts of the file at `path`, seen from `folder`; mistakes are noted with their line. */
export function readAccountList(
  entry: ListEntry,
  file: { readonly path: string; readonly folder: string; readonly at: string },
  faults: Faults,
): FileAccount[] {
  const { at } = file;
  const path = resolve(file.folder, file.path);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : error;
    faults.add(at, `the file ${path} cannot be read (${reason})`);
    return [];
  }
  const listed = entry.provider.lists?.read(text) ?? [];
  if (listed.length === 0) faults.add(at, `the file ${path} has no account`);
  const ids = new Set<string>();
  return listed.flatMap(({ line, title, problem, draft }) => {
    if (draft === undefined) {
      faults.add(at, `${path}, line ${line}: ${problem ?? 'is no account'}`);
      return [];
    }
    const id = makeUnique(`${entry.id}-${slug(title, String(line))}`, (taken) => ids.has(taken));
    ids.add(id);
    const { provider, values, secrets, endpoints, models } = entry;
    const account = {
      id,
      provider: provider.id,
      name: `${entry.name}: ${title}`,
      method: draft.method,
      endpoints,
      models,
    };
    return [
      {
        account: { ...account, values: { ...values, ...draft.values }, env: {}, source: 'file' as const },
        secrets: { ...secrets, ...draft.secrets },
        secretEnv: [],
      },
    ];
  });
}
