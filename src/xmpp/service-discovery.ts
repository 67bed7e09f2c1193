/** What the account's server says about itself (XEP-0030, XEP-0092). */

import type { Element } from '@xmpp/client';
import { NS } from './namespaces';
import type { Stanzas } from './stanzas';

/** A server may list rooms or gateways by the hundred; its services stand in front. */
const MAX_ITEMS = 30;

export interface Discovery {
  /** `ejabberd 23.01-1`; absent if the server does not tell. */
  software?: string;
  /** Names in the identities `server/im`. */
  identities: string[];
  services: { pubsub?: string; muc?: string; upload?: string };
}

/** Sends `<iq type='get'>` with `<query xmlns>` and resolves to the query element of the answer. */
export type AskQuery = (to: string, xmlns: string) => Promise<Element | undefined>;

/** Asks the domain and every service that it lists. What is not answered is left out. */
export async function discover(domain: string, askQuery: AskQuery): Promise<Discovery> {
  const ask = (to: string, xmlns: string) => askQuery(to, xmlns).catch(() => undefined);
  const [info, items, version] = await Promise.all([
    ask(domain, NS.discoInfo),
    ask(domain, NS.discoItems),
    ask(domain, NS.version),
  ]);
  const name = version?.getChildText('name') ?? '';
  const software = `${name} ${version?.getChildText('version') ?? ''}`.trim();
  const jids = (items?.getChildren('item') ?? [])
    .filter((item) => item.attrs.jid && !item.attrs.node)
    .slice(0, MAX_ITEMS)
    .map((item) => item.attrs.jid as string);
  const services: Discovery['services'] = {};
  const infos = await Promise.all(jids.map(async (jid) => ({ jid, info: await ask(jid, NS.discoInfo) })));
  for (const { jid, info } of infos) {
    const has = (category: string, type: string) =>
      info?.getChildren('identity').some(({ attrs }) => attrs.category === category && attrs.type === type);
    if (has('pubsub', 'service')) services.pubsub ??= jid;
    // Gateways to other networks call themselves conference/irc and the like.
    if (has('conference', 'text')) services.muc ??= jid;
    if (info?.getChildren('feature').some(({ attrs }) => attrs.var === NS.httpUpload))
      services.upload ??= jid;
  }
  const identities = (info?.getChildren('identity') ?? [])
    .filter(({ attrs }) => attrs.category === 'server')
    .map(({ attrs }) => attrs.name ?? '')
    .filter((text) => text !== '');
  return { ...(software !== '' && { software }), identities, services };
}

/** Sends `<iq type='get'>` with `<query xmlns>` and resolves to the query element of the answer. */
export async function askQuery(
  stanzas: Stanzas,
  to: string,
  xmlns: string,
  signal: AbortSignal,
): Promise<Element | undefined> {
  const xml = await stanzas.load();
  const iq = xml('iq', { type: 'get', to }, xml('query', { xmlns }));
  return (await stanzas.ask(iq, { signal })).getChild('query', xmlns);
}
