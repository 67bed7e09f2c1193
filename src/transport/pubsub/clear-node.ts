import { text } from '../../base/catalogue';
import { plain } from '../../base/printable';
import { itemsOf } from '../../xmpp/pubsub/answers';
import { StanzaError } from '../../xmpp/stanzas';
import { LinkError } from '../errors';
import type { AskWindow } from './ask-window';
import { conditionOf, isLost, type PubsubService } from './service';

/** Items that are removed one by one where the account may not purge. */
const MAX_RETRACTED = 100;
/** Prosody keeps a node in a file, whose name a file system limits to 255 bytes, extension included. */
const MAX_STORED = 250;

/** Bytes of the name of that file: all but letters and digits take three each. */
function storedLength(node: string): number {
  return Buffer.byteLength(node.replace(/[^a-zA-Z0-9]/gu, '%xx'));
}

/**
 * Removes what a node keeps, as an empty retained message does (MQTT 5 §3.3.1.3).
 * @throws LinkError if the account may not; XmppError if the session was lost
 */
export async function clearNode(service: PubsubService, window: AskWindow, node: string): Promise<void> {
  const { requests } = service;
  try {
    await service.ask(requests.purge(node), window);
    return;
  } catch (error) {
    const condition = conditionOf(error);
    if (condition === undefined) throw error;
    // Nothing is there to be removed.
    if (condition === 'item-not-found' && !(await isThere(service, window, node))) return;
  }
  // Only owners purge; each item can be taken back by who published it.
  try {
    const answer = await service.ask(requests.lastItems(node, MAX_RETRACTED), window);
    for (const { id } of itemsOf(answer)) await service.ask(requests.retract(node, id), window);
  } catch (error) {
    if (!(error instanceof StanzaError)) throw error;
    throw await publishRefusal(service, window, node, error);
  }
}

/** Error for what a service refuses to do with the items of a node. @throws XmppError if the session was lost */
export async function publishRefusal(
  service: PubsubService,
  window: AskWindow,
  node: string,
  error: StanzaError,
): Promise<LinkError> {
  const condition = conditionOf(error);
  const options = { cause: error };
  const params = { node: plain(node), service: service.jid };
  // Prosody looks at rights before it looks for the node.
  const isMissing =
    condition === 'item-not-found' || (condition === 'forbidden' && !(await isThere(service, window, node)));
  if (isMissing) return new LinkError('refused', text('pubsub.nodeMissing', params), false, options);
  if (condition === 'forbidden' || condition === 'not-authorized' || condition === 'not-allowed') {
    return new LinkError('refused', text('pubsub.publishDenied', params), false, options);
  }
  const isLong = condition === 'internal-server-error' && storedLength(node) > MAX_STORED;
  const why = isLong ? 'pubsub.nameTooLong' : 'pubsub.publishRefused';
  return new LinkError('refused', text(why, { ...params, text: error.text }), false, options);
}

async function isThere(service: PubsubService, window: AskWindow, node: string): Promise<boolean> {
  try {
    await service.ask(service.requests.info(node), window);
    return true;
  } catch (error) {
    if (isLost(error)) throw error;
    return conditionOf(error) !== 'item-not-found';
  }
}
