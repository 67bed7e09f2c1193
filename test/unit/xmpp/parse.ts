import type { Element } from '@xmpp/client';

/** Reads a stanza as the session does: with the parser of the library, inside a stream. */
export async function reader(): Promise<(xml: string) => Element> {
  const { client } = await import('@xmpp/client');
  const { transports } = client({ service: '', domain: 'x.invalid', username: '', password: '' });
  const tcp = transports.find(({ prototype }) => {
    try {
      return prototype.socketParameters('xmpp://localhost:5222') !== undefined;
    } catch {
      return false;
    }
  });
  const Parser = tcp?.prototype.Parser;
  if (!Parser) throw new Error('@xmpp/client has no parser');
  const parser = new Parser();
  let found: Element | undefined;
  parser.on('error', (error: Error) => {
    throw error;
  });
  parser.on('element', (element: Element) => {
    found ??= element;
  });
  parser.write("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");
  return (xml) => {
    found = undefined;
    parser.write(xml);
    if (!found) throw new Error(`no stanza: ${xml.slice(0, 200)}`);
    return found;
  };
}
