// Quotas of which nothing is ever known, for rooms that do not look at them.
import type { Quotas } from '../../main/gateway/quotas.ts';

/** No account has one. */
export const NO_QUOTAS: Quotas = {
  find: () => undefined,
  has: () => false,
  look: () => {},
  refresh: async () => {},
  onChange: () => () => {},
  learn: () => {},
  hear: () => {},
  tellOnce: () => false,
  close: async () => {},
};
