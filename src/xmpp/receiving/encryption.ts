import type { ChildIndex } from '../child-index';
import { NS } from '../namespaces';

/** End-to-end encryption of a body, in the ways that clients use. */
export type Encryption = 'omemo' | 'openpgp' | 'otr' | 'other';

const OMEMO = [NS.omemoSiacs, NS.omemo1, NS.omemo2];

/** By the namespace that XEP-0380 §4 lists. */
const NAMES: Readonly<Record<string, Encryption>> = {
  ...Object.fromEntries(OMEMO.map((xmlns) => [xmlns, 'omemo' as const])),
  [NS.encrypted]: 'openpgp',
  [NS.openpgp]: 'openpgp',
  [NS.otr]: 'otr',
};

/**
 * Kind of encryption if only a client with the key can read the message. Its body is then at best a hint for people.
 * `keys`: an OMEMO message that carries only keys, of which people see nothing.
 */
export function encryptionOf(parts: ChildIndex): Encryption | 'keys' | undefined {
  for (const xmlns of OMEMO) {
    const encrypted = parts.get('encrypted', xmlns);
    if (encrypted) return encrypted.getChild('payload') ? 'omemo' : 'keys';
  }
  if (parts.get('x', NS.encrypted) ?? parts.get('openpgp', NS.openpgp)) {
    return 'openpgp';
  }
  const named = parts.get('encryption', NS.eme);
  if (named) return NAMES[named.attrs.namespace ?? ''] ?? 'other';
  return parts.text('body')?.startsWith('?OTR') ? 'otr' : undefined;
}
