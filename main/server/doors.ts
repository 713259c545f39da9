// The two doors as one: the main one, and on wish a second one on loopback for clients that know Ollama's address only.
// They open and close together; each moves by itself when its settings change, and neither stops the other.
import type { Server } from 'node:http';
import type { Settings } from '../../shared/settings.ts';
import type { DoorView } from '../../shared/views.ts';
import { GatewayError } from '../canonical/errors.ts';
import { checkPort, createDoor, type Door, type NameHolder } from './door.ts';
import { nameOllama } from './port-holder.ts';
import type { RunningRequests } from './running.ts';

/** What a server must know of the door that it is made for. */
export interface DoorPlan {
  /** Where it listens. */
  readonly boundHost: () => string;
  readonly running: RunningRequests;
  /** Whether clients must bring a key. */
  readonly isKeyNeeded: () => boolean;
  /** Whether browsers find the GUI behind it. */
  readonly hasGui: boolean;
}

/** Both doors. */
export interface Doors {
  view(): DoorView;
  /** Undefined where the second door is off. */
  viewSecond(): DoorView | undefined;
  /** Resolves when each is open or cannot be opened: the views tell which. */
  start(): Promise<void>;
  /** Takes no new requests, lets running ones finish for a bounded time, ends the rest. */
  stop(): Promise<void>;
  /** Throws `GatewayError` for a change that would close a door that is open now. */
  check(before: Settings, after: Settings): Promise<void>;
  /** Moves at once whichever door the change is about. */
  follow(before: Settings, after: Settings): void;
  onChange(listener: () => void): void;
}

/** What the doors are made of. */
export interface DoorsOptions {
  readonly createApp: (plan: DoorPlan) => Server;
  readonly settings: () => Settings;
  /** Every request in the house. */
  readonly running: RunningRequests;
}

/** The second door never listens anywhere else, whatever the settings say of the main one. */
const LOOPBACK = '127.0.0.1';

/** Two closed doors. */
export function createDoors({ createApp, settings, running }: DoorsOptions): Doors {
  const parts = { main: running.createPart(), second: running.createPart() };
  const main: Door = createDoor(
    () =>
      createApp({
        boundHost: () => main.view().host,
        running: parts.main,
        isKeyNeeded: () => true,
        hasGui: true,
      }),
    parts.main,
  );
  const second = createDoor(
    () =>
      createApp({
        boundHost: () => LOOPBACK,
        running: parts.second,
        isKeyNeeded: () => settings().ollamaRequireKey,
        hasGui: false,
      }),
    parts.second,
    (host, port) => nameHolder(host, port),
  );
  const nameHolder: NameHolder = async (host, port) => {
    const { state, port: own } = main.view();
    return state === 'serving' && port === own ? 'The main door' : nameOllama(host, port);
  };
  /** Whether the doors shall be open; what a move finds when its turn comes may not be what it began with. */
  let wanted = false;
  const openMain = async () => {
    if (wanted) await main.start(settings().host, settings().port);
  };
  const openSecond = async () => {
    if (wanted && settings().ollamaDoor) await second.start(LOOPBACK, settings().ollamaPort);
  };
  const move = async (door: Door, open: () => Promise<void>) => {
    await door.stop(settings().drainMs);
    await open();
  };

  return {
    view: main.view,
    viewSecond: () => (settings().ollamaDoor ? viewClosed(second.view(), settings().ollamaPort) : undefined),
    start: async () => {
      wanted = true;
      // One after the other: should both be set to one port, the main door has it.
      await openMain();
      await openSecond();
    },
    stop: async () => {
      wanted = false;
      const { drainMs } = settings();
      await Promise.all([main.stop(drainMs), second.stop(drainMs)]);
    },
    check: async (before, after) => {
      const moves = after.port !== before.port;
      const { ollamaDoor, ollamaPort, port } = after;
      const newlySame = moves || ollamaPort !== before.ollamaPort || ollamaDoor !== before.ollamaDoor;
      if (newlySame && ollamaDoor && ollamaPort === port && port !== 0)
        throw new GatewayError('invalid-request', `The two doors cannot share port ${port}.`);
      if (moves) await checkPort(after.host, port);
      // The port itself is in use, by the very door that moves: any free one tells whether the address is there.
      else if (after.host !== before.host) await checkPort(after.host, 0);
      const isOpen = second.view().state === 'serving';
      if (ollamaDoor && ollamaPort !== before.ollamaPort && isOpen) await checkPort(LOOPBACK, ollamaPort, nameOllama);
    },
    follow: (before, after) => {
      // Not awaited: a browser's answer to this very change goes through the main door.
      if (wanted && (after.host !== before.host || after.port !== before.port)) void move(main, openMain);
      if (after.ollamaDoor !== before.ollamaDoor || after.ollamaPort !== before.ollamaPort)
        void move(second, openSecond);
    },
    onChange: (listener) => {
      main.onChange(listener);
      second.onChange(listener);
    },
  };
}

/** A closed door knows where it was; the person wants to see where it will be. */
function viewClosed(view: DoorView, port: number): DoorView {
  return view.state === 'stopped' ? { ...view, port, baseUrl: `http://${LOOPBACK}:${port}` } : view;
}
