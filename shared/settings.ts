// The settings a person may change, with their limits and defaults. Secrets are not settings.
import { z } from 'zod';
import { Origins } from './origins.ts';
import { NO_PROXY_ADDRESS, readProxy } from './proxy.ts';
import { DEFAULT_ROUTING, Routing } from './routing.ts';

const MINUTE_MS = 60_000;

const whole = (least: number, most: number) => z.number().int().min(least).max(most);

/** Loopback by default; anything else exposes the door and the GUI says so. */
export const Settings = z.object({
  host: z.union([z.ipv4(), z.ipv6(), z.literal('localhost')], 'must be an IP address or "localhost"'),
  /** 0 means any free port; only the configuration file and the environment may ask for that. */
  port: whole(0, 65535),
  /** Whether a second door stands open on loopback, for clients that know Ollama's address only. */
  ollamaDoor: z.boolean(),
  /** Port of that second door; 0 as for `port`. */
  ollamaPort: whole(0, 65535),
  /** Off lets every program of this machine in through the second door without a client key. */
  ollamaRequireKey: z.boolean(),
  /** Web pages of these origins may use the dialects, with the key; never the GUI. */
  corsOrigins: Origins,
  /**
   * The proxy through which upstreams are asked, for accounts that name none of their own; empty for none. A change may bring
   * a password, which goes to the vault: what is read never has it.
   */
  proxy: z
    .string()
    .trim()
    .max(2000)
    .refine((text) => text === '' || readProxy(text) !== undefined, NO_PROXY_ADDRESS),
  /** How requests find their accounts; changed as a whole. */
  routing: Routing,
  /** At which share of a plan, in percent, the person is told that it runs out; 0 never tells. */
  quotaWarnPercent: whole(0, 100),
  /** Largest request body, in bytes. */
  bodyLimitBytes: whole(1024, 256 * 1024 ** 2),
  /** Silence after which a comment is sent to a waiting client, in milliseconds. */
  keepAliveMs: whole(100, 10 * MINUTE_MS),
  /** How long an upstream may take to its first byte, in milliseconds. */
  firstByteMs: whole(100, 60 * MINUTE_MS),
  /** How long an upstream may pause within an answer, in milliseconds. */
  idleMs: whole(100, 60 * MINUTE_MS),
  /** Programs that providers run at a time, working or waiting; each takes about 200 MB. */
  programsMost: whole(1, 64),
  /** Of these, those that stand by for a next request. 0 keeps none. */
  programsWaiting: whole(0, 32),
  /** How long a program stands by before it is ended, in milliseconds. */
  programIdleMs: whole(1_000, 60 * MINUTE_MS),
  /** How often a program may ask its upstream again by itself before it has an answer. */
  programRetries: whole(0, 10),
  /** The same for an agent at work, whose earlier steps would be lost. */
  agentRetries: whole(0, 10),
  /** How long an agent waits for the person's word before it is refused, in milliseconds. */
  agentAskMs: whole(1_000, 24 * 60 * MINUTE_MS),
  /** Sessions that were not used for longer leave the list, and what was said in them with them. */
  sessionKeepDays: whole(1, 3650),
  /** How long running replies may go on when Patchbay stops, in milliseconds. */
  drainMs: whole(0, 5 * MINUTE_MS),
  /** Requests older than this leave the log. */
  logKeepDays: whole(1, 3650),
  /** Most requests that the log keeps. */
  logKeepRows: whole(100, 10_000_000),
  startAtLogin: z.boolean(),
  /** Open the window when the app starts; off starts it in the tray alone. */
  openWindow: z.boolean(),
  theme: z.enum(['system', 'light', 'dark']),
});
export type Settings = z.infer<typeof Settings>;

/** A change of some settings; what is absent stays. */
export const SettingsChange = Settings.extend({ port: whole(1, 65535), ollamaPort: whole(1, 65535) }).partial();
export type SettingsChange = z.infer<typeof SettingsChange>;

/** What holds until the person changes it. */
export const DEFAULT_SETTINGS: Settings = {
  host: '127.0.0.1',
  port: 7282,
  ollamaDoor: false,
  ollamaPort: 11434,
  ollamaRequireKey: true,
  corsOrigins: [],
  proxy: '',
  routing: DEFAULT_ROUTING,
  quotaWarnPercent: 90,
  bodyLimitBytes: 64 * 1024 ** 2,
  keepAliveMs: 10_000,
  firstByteMs: 10 * MINUTE_MS,
  idleMs: 5 * MINUTE_MS,
  programsMost: 8,
  programsWaiting: 4,
  programIdleMs: 4 * MINUTE_MS,
  programRetries: 0,
  agentRetries: 4,
  agentAskMs: 10 * MINUTE_MS,
  sessionKeepDays: 90,
  drainMs: 10_000,
  logKeepDays: 30,
  logKeepRows: 100_000,
  startAtLogin: false,
  openWindow: true,
  theme: 'system',
};
