/**
 * This client's answers about itself: software, features, time, ping; and the standard's error to every other
 * question.
 */

import { createHash } from 'node:crypto';
import type { Element } from '@xmpp/client';
import { NS } from '../namespaces';
import type { Xml } from '../stanzas';

const NODE = 'https://dinox.im/node-red';

export interface Software {
  name: string;
  version: string;
}

/** An error that answers a question (RFC 6120 §8.3). */
export class IqRefusal {
  constructor(
    readonly condition: string,
    readonly kind: 'auth' | 'cancel' | 'modify',
    /** Says more, in the namespace of the question. */
    readonly detail?: Element,
  ) {}
}

/** Answers a question with the child of the result, or an error; undefined: with an empty result. */
export type IqHandler = (iq: Element, xml: Xml) => Element | IqRefusal | undefined;

/** Features and nodes that not everybody sees, and the answers about them. */
export interface HiddenFeatures {
  /** The features that this address may see. */
  featuresFor(from: string | undefined): readonly string[];
  /** All of them. */
  readonly all: readonly string[];
  info(iq: Element, node: string, xml: Xml): Element | undefined;
  items(iq: Element, node: string, xml: Xml): Element | undefined;
}

/** Questions that only can be asked (`get`), with their namespace. */
const READ_ONLY = new Set<string>([NS.discoInfo, NS.discoItems, NS.version, NS.time, NS.ping]);

export class IqResponses {
  private readonly features = new Set<string>([
    NS.discoInfo,
    NS.discoItems,
    NS.caps,
    NS.version,
    NS.time,
    NS.ping,
  ]);
  private readonly handlers = new Map<string, IqHandler>();

  constructor(
    private readonly software: Software,
    private readonly now: () => number,
  ) {}

  private hidden: HiddenFeatures | undefined;

  /** Announces a feature, or those that only some may see, as they are now. False if nothing is new. */
  add(feature: string | HiddenFeatures): boolean {
    if (typeof feature !== 'string') {
      this.hidden = feature;
      return true;
    }
    if (this.features.has(feature)) return false;
    this.features.add(feature);
    return true;
  }

  /** Answers `iq` of one type whose child has that namespace. */
  handle(type: 'get' | 'set', xmlns: string, handler: IqHandler): void {
    this.handlers.set(`${type} ${xmlns}`, handler);
  }

  /** The answer to a question (RFC 6120 §8.2.3); undefined if there is to be none. */
  answer(iq: Element, xml: Xml): Element | undefined {
    const { id, from, type } = iq.attrs;
    const reply = (kind: 'result' | 'error', child?: Element): Element =>
      xml(
        'iq',
        { type: kind, ...(id !== undefined && { id }), ...(from && { to: from }) },
        ...(child ? [child] : []),
      );
    const error = (condition: string, kind: IqRefusal['kind'], detail?: Element): Element =>
      reply(
        'error',
        xml('error', { type: kind }, xml(condition, { xmlns: NS.stanzas }), ...(detail ? [detail] : [])),
      );
    const [child, ...more] = iq.getChildElements();
    if (id === undefined || !child || more.length > 0 || (type !== 'get' && type !== 'set')) {
      return error('bad-request', 'modify');
    }
    const xmlns = child.getNS();
    const handler = this.handlers.get(`${type} ${xmlns}`);
    if (handler) {
      const answer = handler(iq, xml);
      if (answer instanceof IqRefusal) return error(answer.condition, answer.kind, answer.detail);
      return reply('result', answer);
    }
    if (type === 'get') {
      const answer = this.own(xmlns, child, iq, xml);
      if (answer === 'item-not-found') return error(answer, 'cancel');
      if (answer) return reply('result', answer === 'empty' ? undefined : answer);
    }
    return error(READ_ONLY.has(xmlns) ? 'feature-not-implemented' : 'service-unavailable', 'cancel');
  }

  /** Capabilities for presence (XEP-0115 §5), so that clients know our features without asking each time. */
  capabilities(xml: Xml): Element {
    return xml('c', { xmlns: NS.caps, hash: 'sha-1', node: NODE, ver: this.verification() });
  }

  private own(
    xmlns: string,
    query: Element,
    iq: Element,
    xml: Xml,
  ): Element | 'empty' | 'item-not-found' | undefined {
    switch (xmlns) {
      case NS.ping:
        return 'empty';
      case NS.discoInfo: {
        const { node } = query.attrs;
        const isOwn = node === `${NODE}#${this.verification()}`;
        if (node && !isOwn) return this.hidden?.info(iq, node, xml) ?? 'item-not-found';
        const features = isOwn ? this.sorted() : this.sorted(iq.attrs.from);
        return xml(
          'query',
          { xmlns: NS.discoInfo, ...(node && { node }) },
          xml('identity', { category: 'client', type: 'bot', name: this.software.name }),
          ...features.map((feature) => xml('feature', { var: feature })),
        );
      }
      case NS.discoItems:
        return query.attrs.node
          ? (this.hidden?.items(iq, query.attrs.node, xml) ?? 'item-not-found')
          : xml('query', { xmlns: NS.discoItems });
      case NS.version:
        return xml(
          'query',
          { xmlns },
          xml('name', {}, this.software.name),
          xml('version', {}, this.software.version),
        );
      case NS.time:
        return xml('time', { xmlns }, xml('tzo', {}, offset(this.now())), xml('utc', {}, utc(this.now())));
      default:
        return undefined;
    }
  }

  /** Those that everybody sees, and that this address sees; without one all of them, as the capabilities name them. */
  private sorted(...from: [string | undefined] | []): string[] {
    const hidden = from.length === 0 ? this.hidden?.all : this.hidden?.featuresFor(from[0]);
    return [...this.features, ...(hidden ?? [])].sort();
  }

  private verification(): string {
    const text = `client/bot//${this.software.name}<${this.sorted()
      .map((feature) => `${feature}<`)
      .join('')}`;
    return createHash('sha1').update(text).digest('base64');
  }
}

/** The offset from UTC as XEP-0082 writes it: `+02:00`. */
function offset(now: number): string {
  const minutes = -new Date(now).getTimezoneOffset();
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}

function utc(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19)}Z`;
}
