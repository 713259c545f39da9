// The state of the whole application in one value, put together from the rooms that know its parts.
import type { DoorView, Notice, StatusView } from '../../shared/views.ts';
import type { Vault } from '../credentials/vault.ts';
import { createListeners } from '../util/listeners.ts';

/** The status, always as it is now. */
export interface StatusStore {
  read(): StatusView;
  onChange(listener: () => void): () => void;
  /** Shows a notice, or takes the one with this id away where there is no text. */
  setNotice(id: string, title: string, text: string | undefined): void;
  /** Tells every listener: one of the parts has changed. */
  tell(): void;
}

/** What never changes, and who knows what does. */
export interface StatusParts {
  readonly version: string;
  readonly mode: StatusView['mode'];
  readonly vault: Pick<Vault, 'kind' | 'detail'>;
  readonly dataFolder: string;
  readonly configFile: string | undefined;
  /** Names of the settings that the configuration file or the environment sets at each start. */
  readonly fixedSettings: readonly string[];
  /** The dialects that are spoken. */
  readonly protocols: readonly {
    readonly name: string;
    readonly basePath: string;
    readonly routes: readonly { readonly path: string }[];
  }[];
  /** Known a little later than the status itself. */
  readonly doors: () => { view(): DoorView; viewSecond(): DoorView | undefined } | undefined;
  readonly running: () => { readonly size: number } | undefined;
}

const CLOSED: StatusView['door'] = { state: 'stopped', host: '127.0.0.1', port: 0, baseUrl: '', exposed: false };

/** A status over these parts. */
export function createStatusStore(parts: StatusParts): StatusStore {
  const { version, mode, vault, dataFolder, configFile, fixedSettings, protocols } = parts;
  const startedAt = Date.now();
  const dialects = protocols.map(({ name, basePath, routes }) => ({
    name,
    path: basePath,
    routes: [...new Set(routes.map(({ path }) => path))],
  }));
  const changed = createListeners();
  const notices = new Map<string, Notice>();
  return {
    read: () => ({
      version,
      mode,
      startedAt,
      door: parts.doors()?.view() ?? CLOSED,
      ollamaDoor: parts.doors()?.viewSecond(),
      runningStreams: parts.running()?.size ?? 0,
      vault: { kind: vault.kind, detail: vault.detail },
      dataFolder,
      configFile,
      fixedSettings: [...fixedSettings],
      dialects,
      notices: [...notices.values()],
    }),
    onChange: changed.add,
    setNotice: (id, title, text) => {
      if (text === undefined) notices.delete(id);
      else notices.set(id, { id, level: 'warning', title, text });
      changed.tell();
    },
    tell: () => changed.tell(),
  };
}
