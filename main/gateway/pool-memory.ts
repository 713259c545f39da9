// What the pool remembers beyond a restart: gathers it for the file, and gives it back at the start. Knows what is worth
// keeping, not how a file is written.
import type { RecentMap } from '../util/recent-map.ts';
import type { PoolFile } from './pool-file.ts';
import type { PoolRecords } from './pool-records.ts';
import type { Rests } from './rests.ts';

/** What is remembered. */
export interface PoolKnowledge {
  readonly rests: Pick<Rests, 'save' | 'load'>;
  readonly records: Pick<PoolRecords, 'save' | 'restore'>;
  /** Which account each provider that fills one first is at. */
  readonly rings: Pick<RecentMap<string>, 'set' | 'entries'>;
}

/** Gives back what the file holds of the accounts that there are; what is returned says that something is to be kept. */
export function recall(file: PoolFile, known: PoolKnowledge, knows: (accountId: string) => boolean): () => void {
  const { rests, records, rings } = known;
  const isKnown = ({ account }: { readonly account: string }) => knows(account);
  rests.load(file.saved.rests.filter(isKnown));
  records.restore(file.saved.accounts.filter(isKnown));
  for (const [ring, account] of file.saved.rings) rings.set(ring, account);
  const gather = () => ({ rests: rests.save(), accounts: records.save(), rings: [...rings.entries()] });
  return () => file.mark(gather);
}
