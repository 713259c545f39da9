// What a provider is made with in tests that talk to a stub.
import type { HttpClient } from '../../main/http/client.ts';
import type { ProviderServices } from '../../main/providers/provider.ts';
import { createLogger } from '../../main/util/logger.ts';
import { quietServices } from './quiet-services.ts';

/** Services over this client. */
export function createKimiServices(http: HttpClient): ProviderServices {
  const logger = createLogger({ level: 'error', write: () => {}, redact: (text) => text });
  return { ...quietServices, http, logger, folder: '', limits: () => ({ firstByteMs: 5_000, idleMs: 5_000 }) };
}
