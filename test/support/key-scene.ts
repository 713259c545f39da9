// A house with real client keys, whose clock a test moves, before a scripted upstream; it can be closed and opened again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type ClientKeys, createClientKeys } from '../../main/credentials/client-keys.ts';
import { openKeyUse } from '../../main/credentials/key-use.ts';
import { createSettingsStore } from '../../main/settings-store.ts';
import type { Settings } from '../../shared/settings.ts';
import type { KeyRules } from '../../shared/views.ts';
import { type House, openHouse } from './house.ts';
import { createMemoryVault } from './memory-vault.ts';
import { type OpenAiStub, startOpenAiStub } from './openai-stub.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

/** The house and what is around it. */
export interface KeyScene {
  readonly house: House;
  readonly stub: OpenAiStub;
  readonly keys: ClientKeys;
  readonly clock: VirtualClock;
  /** Makes a key with these rules; gives the key itself. */
  add(name: string, rules: KeyRules): Promise<string>;
  /** Closes the house and opens it again over the same folder. */
  restart(): Promise<KeyScene>;
}

/** Opens the scene at noon; it goes with its test. */
export async function openKeyScene(settings: Partial<Settings> = {}): Promise<KeyScene> {
  const stub = await startOpenAiStub();
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-keys-'));
  const vault = createMemoryVault();
  const clock = createVirtualClock(new Date(2026, 0, 5, 12).getTime());
  const closes: (() => Promise<void>)[] = [];
  onTestFinished(async () => {
    await closes.at(-1)?.();
    await stub.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const open = async (): Promise<KeyScene> => {
    const use = openKeyUse({ path: join(folder, 'key-use.json'), clock, onMishap: () => {} });
    const store = createSettingsStore({ dataFolder: folder });
    const keys = await createClientKeys({ store, vault, use, clock, learnSecret: () => {} });
    const values = { baseUrl: stub.url };
    const accounts = [{ id: 'stub', name: 'Stub', values, secrets: { key: 'sk-up' } }];
    const house = await openHouse({ accounts, keys, settings });
    const close = async () => {
      await house.close();
      await keys.close();
    };
    closes.push(close);
    return {
      house,
      stub,
      keys,
      clock,
      add: async (name, rules) => keys.reveal((await keys.add(name, rules)).id) ?? '',
      restart: async () => {
        await close();
        return open();
      },
    };
  };
  return open();
}
