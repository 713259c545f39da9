// The composition root: builds every room and joins them. The only importer of both registries.
import type { Logger } from './util/logger.ts';

/** What differs between the desktop and plain Node. */
export interface EngineHost {
  readonly mode: 'desktop' | 'headless';
  readonly version: string;
  /** Puts a text on the person's clipboard; absent where the host has none. */
  readonly writeClipboard?: (text: string) => void;
  /** Registers or removes the start at login; absent where the host cannot. */
  readonly setStartAtLogin?: (on: boolean) => void;
  /** Folder of the built GUI, served to a browser; absent where a window shows it. */
  readonly guiFolder?: string;
}

/** What an engine is made of. */
export interface EngineOptions {
  readonly host: EngineHost;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Configuration as code, if any. */
  readonly configFile?: string;
  readonly logger?: Logger;
}
