/** The clear-text part of an XMPP connection: only the request for TLS (RFC 6120 §5). */

import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import type { Element, Parser } from '@xmpp/client';
import { text } from '../../base/catalogue';
import { toXmppError, XmppError } from '../errors';
import { NS } from '../namespaces';

/** Far more than a server needs to say that it can do TLS. */
const MAX_LENGTH = 65_536;
const CONSENT_AT_END = /<(?:[\w-]+:)?proceed\b[^<]*(?:\/>|<\/(?:[\w-]+:)?proceed\s*>)\s*$/;

/**
 * Opens a stream and asks for TLS. Resolves to `proceed` when the handshake may begin, or to `not-offered`;
 * the socket is then of no further use. Tells the server nothing but the domain.
 * @throws XmppError
 */
export function askForTls(
  socket: Socket,
  domain: string,
  ParserClass: new () => Parser,
): Promise<'proceed' | 'not-offered'> {
  return new Promise((resolve, reject) => {
    const parser = new ParserClass();
    const decoder = new StringDecoder('utf8');
    let received = '';
    let proceeding = false;
    let settled = false;

    const end = (result: 'proceed' | 'not-offered' | Error) => {
      if (settled) return;
      settled = true;
      socket.off('data', onData).off('close', onClose).off('error', end);
      parser.removeAllListeners();
      parser.on('error', () => {});
      if (result instanceof Error) reject(toXmppError(result));
      else resolve(result);
    };
    const onClose = () => end(new XmppError('network', text('xmpp.closedBeforeTls')));
    const onData = (chunk: Buffer) => {
      const more = decoder.write(chunk);
      received += more;
      if (received.length > MAX_LENGTH) return end(new XmppError('protocol', text('xmpp.tooMuchBeforeTls')));
      if (/^\s*[^<\s]/.test(received)) {
        return end(new XmppError('protocol', text('xmpp.notSpoken')));
      }
      try {
        parser.write(more);
      } catch (error) {
        return end(error as Error);
      }
      // Clear text behind <proceed/> was not sent by the encrypted server: refuse it.
      if (proceeding && !CONSENT_AT_END.test(received)) {
        return end(new XmppError('protocol', text('xmpp.clearBehindConsent')));
      }
      if (proceeding) end('proceed');
    };
    const onElement = (element: Element) => {
      if (element.is('features', NS.stream)) {
        if (!element.getChild('starttls', NS.tls)) return end('not-offered');
        socket.write(`<starttls xmlns='${NS.tls}'/>`);
      } else if (element.is('proceed', NS.tls)) {
        proceeding = true;
      } else if (element.is('failure', NS.tls)) {
        end(new XmppError('tls', text('xmpp.tlsRefused')));
      } else if (element.is('error', NS.stream)) {
        const condition = element.getChildElements()[0]?.name ?? 'undefined-condition';
        end(toXmppError({ condition, text: element.getChildText('text') ?? '', element }) as Error);
      }
    };
    parser.on('element', onElement);
    parser.on('error', (error: Error) => end(error));
    parser.on('end', onClose);
    socket.on('data', onData).on('close', onClose).on('error', end);
    socket.write(
      `<?xml version='1.0'?><stream:stream to='${attribute(domain)}' version='1.0' ` +
        `xmlns='${NS.client}' xmlns:stream='${NS.stream}'>`,
    );
  });
}

function attribute(text: string): string {
  return text.replace(/[&<>'"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
