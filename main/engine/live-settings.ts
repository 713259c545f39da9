// The settings that hold now: what the person chose, under what file and environment set anew at each start.
import type { Settings, SettingsChange } from '../../shared/settings.ts';
import type { ProgramLimits, UpstreamLimits } from '../providers/provider.ts';
import type { SettingsStore } from '../settings-store.ts';

/** The settings, read anew at each use. */
export interface LiveSettings {
  read(): Settings;
  /** These hold until the person changes them; absent ones are not set. To be called once, before anything reads. */
  fix(settings: Partial<Settings>): void;
  /** Names of the settings that are fixed. */
  listFixed(): readonly string[];
  /** Keeps what the person chooses now, which wins over what was fixed. Returns what holds from then on. */
  change(change: SettingsChange): Settings;
  readUpstreamLimits(): UpstreamLimits;
  readProgramLimits(): ProgramLimits;
}

/** The settings of `store`, none of them fixed yet. */
export function createLiveSettings(store: Pick<SettingsStore, 'read' | 'change'>): LiveSettings {
  let fixed: Partial<Settings> = {};
  const read = (): Settings => ({ ...store.read(), ...fixed });
  return {
    read,
    fix: (settings) => {
      fixed = definedOnly(settings);
    },
    listFixed: () => Object.keys(fixed),
    change: (change) => {
      store.change(change);
      const chosen = Object.keys(definedOnly(change));
      fixed = Object.fromEntries(Object.entries(fixed).filter(([name]) => !chosen.includes(name)));
      return read();
    },
    readUpstreamLimits: () => ({ firstByteMs: read().firstByteMs, idleMs: read().idleMs }),
    readProgramLimits: () => {
      const { programsMost: most, programsWaiting: mostWaiting, programIdleMs: idleMs } = read();
      return { most, mostWaiting, idleMs, retries: read().programRetries, agentRetries: read().agentRetries };
    },
  };
}

/** The settings that are given. */
export function definedOnly(settings: Partial<Settings>): Partial<Settings> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
