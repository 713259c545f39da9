// Draws the whole GUI over a fake engine, for tests that press and read like a person.
import { cleanup, configure, render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, vi } from 'vitest';
import { App } from '../../renderer/app.tsx';
import { openContract } from '../../renderer/lib/use-contract.ts';
import { createFakeContract, type FakeState } from '../support/fake-contract.ts';

// What a browser has and jsdom lacks.
window.matchMedia ??= (query) =>
  ({
    matches: false,
    media: query,
    addEventListener: () => {},
    removeEventListener: () => {},
  }) as unknown as MediaQueryList;
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
} as unknown as typeof ResizeObserver;
Object.defineProperty(document, 'fonts', { value: new EventTarget(), configurable: true });
// The newest browsers answer these with a promise.
Element.prototype.scrollIntoView = () => Promise.resolve() as never;
Element.prototype.scrollTo = () => Promise.resolve() as never;
for (const side of ['offset', 'client'])
  Object.defineProperties(HTMLElement.prototype, {
    [`${side}Height`]: { configurable: true, get: () => 600 },
    [`${side}Width`]: { configurable: true, get: () => 900 },
  });

// Asking jsdom whether each element is visible takes longer than all the rest of a test.
// A machine that has much else to do takes longer than a person would wait.
configure({ defaultHidden: true, asyncUtilTimeout: 5000 });

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
  cleanup();
  vi.useRealTimers();
});

/** Opens the GUI at a place of its address; `change` replaces parts of what the fake engine knows. */
export function openApp(place: string, change: Partial<FakeState> = {}) {
  const fake = createFakeContract(change);
  window.location.hash = `#${place}`;
  const access = openContract(fake.client, { pauseMs: () => 1 });
  closers.push(access.feed.close);
  const user = userEvent.setup();
  render(<App access={access} />);
  return { fake, user, access };
}
