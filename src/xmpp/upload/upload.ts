import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { Element } from '@xmpp/client';
import { words } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { plain } from '../../base/printable';
import type { Text } from '../../base/text';
import { isInternalAddress, isLocalAddress } from '../../net/locality';
import type { TlsSettings } from '../../net/tls';
import { asciiDomain } from '../jid-grammar';
import { NS } from '../namespaces';
import { SendError } from '../send-error';
import { StanzaError, type Stanzas } from '../stanzas';
import type { Attachment } from './attachment';
import { putFile } from './http-put';

/** The only headers that a slot may set (XEP-0363 §5). */
const SLOT_HEADERS = new Set(['authorization', 'cookie', 'expires']);
const MAX_HEADER_LENGTH = 4_096;
const MAX_URL_LENGTH = 2_048;
const MAX_ITEMS = 30;
/** Milliseconds after which the service is looked for again: it may be new, or have another limit. */
const KNOWN_FOR_MS = 3_600_000;
const MISSING_FOR_MS = 60_000;

export interface UploadOptions {
  clock: Clock;
  /** From the `tls-config`: its authorities count here as well. */
  tls?: TlsSettings | undefined;
  lookup?: LookupFunction | undefined;
  /** Milliseconds without progress after which an upload is given up. @default 30000 */
  idleMs?: number;
}

interface Service {
  jid: string;
  /** Largest file in bytes; infinite where the service does not say. */
  most: number;
}

/** Files over HTTP (XEP-0363): finds the account's service, asks for a slot, checks it, and puts the file there. */
export class Uploads {
  private found: { service: Service | undefined; until: number } | undefined;

  constructor(
    private readonly stanzas: Stanzas,
    private readonly options: UploadOptions,
  ) {}

  /**
   * Largest file in bytes.
   * @throws SendError `upload-none` without a service.
   */
  async limit(): Promise<number> {
    return (await this.service()).most;
  }

  /**
   * Uploads a file. Its size has to be within {@link limit}.
   * @returns the address at which it can be had.
   * @throws SendError `upload-…`
   */
  async put(file: Attachment, signal: AbortSignal): Promise<string> {
    const service = await this.service();
    if (file.size > service.most) {
      throw new SendError('attachment-large', { bytes: file.size, most: service.most });
    }
    const slot = slotOf(await this.slot(service, file, signal), service.jid);
    const { put, get, headers } = slot;
    const { tls, lookup, idleMs = 30_000 } = this.options;
    const isOwnNetwork = await this.serverIsLocal();
    const isAllowed = (address: string): boolean => isOwnNetwork || !isInternalAddress(address);
    await putFile(file, {
      url: put,
      headers,
      tls,
      signal,
      idleMs,
      guard: {
        // Clear text only at home; and a server far away must not send us into our own network.
        allow: (address) => isAllowed(address) && (put.protocol === 'https:' || isLocalAddress(address)),
        refuse: (host, address) =>
          new SendError(isAllowed(address) ? 'upload-unencrypted' : 'upload-internal', {
            host: plain(host),
            address: plain(address),
          }),
        ...(lookup && { lookup }),
      },
    });
    return get;
  }

  private async slot(service: Service, file: Attachment, signal: AbortSignal): Promise<Element> {
    const xml = await this.stanzas.load();
    const request = xml('request', {
      xmlns: NS.httpUpload,
      filename: file.name,
      size: String(file.size),
      'content-type': file.type,
    });
    try {
      return await this.stanzas.ask(xml('iq', { type: 'get', to: service.jid }, request), { signal });
    } catch (error) {
      if (!(error instanceof StanzaError)) throw error;
      const most = Number(
        error.stanza
          ?.getChild('error')
          ?.getChild('file-too-large', NS.httpUpload)
          ?.getChildText('max-file-size'),
      );
      if (most > 0) {
        service.most = Math.min(service.most, most);
        throw new SendError('attachment-large', { bytes: file.size, most }, { cause: error });
      }
      throw new SendError(
        'upload-refused',
        { service: plain(service.jid), why: whyOf(error) },
        { cause: error },
      );
    }
  }

  private async service(): Promise<Service> {
    const { clock } = this.options;
    if (!this.found || this.found.until <= clock.steady()) {
      const service = await this.find();
      this.found = { service, until: clock.steady() + (service ? KNOWN_FOR_MS : MISSING_FOR_MS) };
    }
    const { service } = this.found;
    if (!service) throw new SendError('upload-none', { domain: plain(this.stanzas.domain) });
    return service;
  }

  /** XEP-0363 §4: one of the server's items, or the server itself. */
  private async find(): Promise<Service | undefined> {
    const { domain } = this.stanzas;
    const items = await this.query(domain, NS.discoItems);
    const jids = items
      .getChildren('item')
      .filter(({ attrs }) => attrs.jid && !attrs.node)
      .slice(0, MAX_ITEMS)
      .map(({ attrs }) => attrs.jid as string);
    const services = await Promise.all(
      [domain, ...jids].map((jid) =>
        this.query(jid, NS.discoInfo).then(
          (info) => serviceOf(jid, info),
          () => undefined,
        ),
      ),
    );
    return services.find((service) => service !== undefined);
  }

  private async query(to: string, xmlns: string): Promise<Element> {
    const xml = await this.stanzas.load();
    const answer = await this.stanzas.ask(xml('iq', { type: 'get', to }, xml('query', { xmlns })), {
      timeoutMs: 10_000,
    });
    return answer.getChild('query', xmlns) ?? xml('query', { xmlns });
  }

  /** True if the XMPP server itself stands in a network that is not public, by the addresses of its host. */
  private serverIsLocal(): Promise<boolean> {
    const { state } = this.stanzas;
    const host = state.phase === 'online' ? hostIn(state.where) : '';
    if (host === '') return Promise.resolve(false);
    if (isIP(host) !== 0) return Promise.resolve(isInternalAddress(host));
    const lookup = this.options.lookup ?? (systemLookup as LookupFunction);
    return new Promise((resolve) => {
      lookup(host, { all: true }, (error, found) => {
        const all = error || typeof found === 'string' ? [] : found;
        resolve(all.length > 0 && all.every(({ address }) => isInternalAddress(address)));
      });
    });
  }
}

/** The host of `xmpp://host:port`, `xmpps://[::1]:5223` or `host:port`. */
function hostIn(where: string): string {
  const authority = where.replace(/^[a-z]+:\/\//i, '');
  const host = /^\[([^\]]+)\]/.exec(authority)?.[1] ?? authority.replace(/:\d+$/, '');
  return host.includes(':') ? host : asciiDomain(host);
}

function serviceOf(jid: string, info: Element): Service | undefined {
  if (!info.getChildren('feature').some(({ attrs }) => attrs.var === NS.httpUpload)) return undefined;
  for (const form of info.getChildren('x', NS.dataForms)) {
    const value = (name: string): string | undefined =>
      form
        .getChildren('field')
        .find(({ attrs }) => attrs.var === name)
        ?.getChildText('value') ?? undefined;
    const most = Number(value('max-file-size'));
    if (value('FORM_TYPE') === NS.httpUpload && most > 0) return { jid, most };
  }
  return { jid, most: Number.POSITIVE_INFINITY };
}

interface Slot {
  put: URL;
  get: string;
  headers: Record<string, string>;
}

/** @throws SendError `upload-slot` for a slot that cannot be used. */
function slotOf(answer: Element, service: string): Slot {
  const slot = answer.getChild('slot', NS.httpUpload);
  const putElement = slot?.getChild('put');
  const put = urlOf(putElement?.attrs.url);
  const get = urlOf(slot?.getChild('get')?.attrs.url);
  if (!put || !get) throw new SendError('upload-slot', { service: plain(service) });
  const headers: Record<string, string> = {};
  for (const header of putElement?.getChildren('header') ?? []) {
    const name = (header.attrs.name ?? '').toLowerCase();
    const value = header
      .text()
      .replace(/[\r\n]/g, '')
      .trim();
    // Others are ignored, as the standard says; a header that is no Latin-1 cannot be sent.
    if (SLOT_HEADERS.has(name) && value.length <= MAX_HEADER_LENGTH && /^[\t\x20-\x7e]*$/.test(value)) {
      headers[name] = value;
    }
  }
  return { put, get: get.href, headers };
}

function urlOf(text: string | undefined): URL | undefined {
  if (!text || text.length > MAX_URL_LENGTH || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  return isWeb && url.username === '' && url.password === '' ? url : undefined;
}

/** The server's own words, where it has some. */
function whyOf({ condition, stanza, text: said }: StanzaError): Text {
  const own = stanza?.getChild('error')?.getChildText('text');
  return own ? words(plain(`${condition}: ${own}`, 200)) : said;
}
