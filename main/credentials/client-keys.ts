// The keys that open the door: one random key from the first start, more from the configuration file.
import type { ClientKeyView } from '../../shared/views.ts';

/** Every client key in use. */
export interface ClientKeys {
  /** The key that `presented` is, compared in constant time; undefined where it is none. Notes its use. */
  find(presented: string): { readonly id: string; readonly name: string } | undefined;
  list(): readonly ClientKeyView[];
  /** The key itself, to be copied for the person; undefined for an unknown id. */
  reveal(id: string): string | undefined;
  /** Replaces a key by a new random one. Throws `GatewayError` for keys of the file. */
  renew(id: string): Promise<ClientKeyView>;
  onChange(listener: () => void): () => void;
}
