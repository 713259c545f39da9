// Whether something waits for the person; one answer for the tray and the window.
import type { AccountView } from './views.ts';

/** Whether the person has to do something about the account. A rest ends by itself, or is what they wanted; a failure stays. */
export function needsAttention({ state, rests }: AccountView): boolean {
  const isBroken = rests.some(({ cause, model }) => cause === 'failed' && model === undefined);
  return state === 'failed' || state === 'attention' || isBroken;
}
