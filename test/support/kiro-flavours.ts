// How requests to Kiro are written in the manner of each of its clients, as the ways to it have them.
import { type CallStyle, listCallWays } from '../../main/providers/kiro/endpoints.ts';

const ways = listCallWays(
  { kind: 'builder-id', token: 't', apiRegion: 'us-east-1', fingerprint: 'f' },
  { endpoints: {} },
);

/** Those of one client. */
export function findFlavour(client: CallStyle['client']): CallStyle['flavour'] {
  const way = ways.find(({ style }) => style.client === client);
  if (way === undefined) throw new Error(`no way in the manner of ${client}`);
  return way.style.flavour;
}
