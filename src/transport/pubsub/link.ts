import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { textOf } from '../../base/coded-error';
import type { Text } from '../../base/text';
import type { PayloadType } from '../../servers/payload-types';
import type { PubsubAddress } from '../../servers/profiles';
import { splitBridgeTopic } from '../../servers/profiles/prosody';
import { bareOf } from '../../xmpp/addresses';
import { eventsOf, type PubsubItem, unsubscribedNodes } from '../../xmpp/pubsub/answers';
import type { NodeConfig } from '../../xmpp/pubsub/requests';
import type { SessionState } from '../../xmpp/stanzas';
import { LinkError } from '../errors';
import type { Link, LinkHandover, LinkListener, SubscribeAnswer, WireSubscription } from '../link';
import type { Publication } from '../messages';
import type { AccountSession } from './account-session';
import { AskWindow } from './ask-window';
import { EventInbound } from './inbound';
import type { ItemIds } from './item-ids';
import { NodeSubscriptions } from './node-subscriptions';
import { Publisher } from './publisher';
import { isLost, PubsubService } from './service';
import type { Arrival } from './wanted-node';

const DEFAULT_STANZA_LIMIT = 262_144;

export interface PubsubLinkOptions {
  session: AccountSession;
  /** JID of the service; the account's own bare JID for its personal nodes (XEP-0163). */
  service: string;
  payloadType: PayloadType;
  node: Omit<NodeConfig, 'persist'>;
  /** Wait between two looks at the nodes for filters with wildcards, in milliseconds. */
  poll: number;
  ids: ItemIds;
  clock: Clock;
  /** The wait before the service is asked again, in milliseconds. */
  nextDelay: () => number;
  notice(code: string, note: Text, level?: 'info'): void;
}

/** What there is once the library is loaded. */
interface Parts {
  service: PubsubService;
  subscriptions: NodeSubscriptions;
  publisher: Publisher;
}

/**
 * A connection over XMPP PubSub (XEP-0060): topics are nodes of one service, messages their items. It lives on the
 * account's session, which comes back by itself.
 */
export class PubsubLink implements Link {
  readonly where: string;
  readonly remoteAddress = undefined;
  readonly sendsPassword = false;
  readonly inbound: EventInbound;
  private parts: Parts | undefined;
  private readonly window: AskWindow;
  /** True between `connected` and the loss. */
  private isUp = false;
  private wasUp = false;
  private ended = false;
  /** Number of the session; answers about an earlier one come too late. */
  private session = 0;
  private stopRetry: (() => void) | undefined;
  private readonly stops: (() => void)[];

  constructor(
    private readonly options: PubsubLinkOptions,
    private readonly listener: LinkListener,
  ) {
    this.where = `xmpp:${options.service}`;
    this.window = new AskWindow(options.clock);
    this.inbound = new EventInbound(listener, () =>
      options.notice('pubsub-dropped', text('pubsub.eventsDropped')),
    );
    const { stanzas } = options.session;
    this.stops = [
      stanzas.onState((state) => this.stateChanged(state)),
      stanzas.onStanza((stanza) => {
        if (stanza.name === 'message') this.heard(stanza);
      }),
    ];
    options.session.open();
    // It may be there already, or never be: then nobody tells of a change.
    queueMicrotask(() => this.stateChanged(stanzas.state));
  }

  get writable(): boolean {
    return this.isUp && this.parts?.publisher.writable === true;
  }

  publish({ topic, payload, retain, itemId }: Publication, sent: (error?: Error) => void): void {
    const { service, payloadType, ids } = this.options;
    const { type, node } = splitBridgeTopic(topic, service) ?? { type: payloadType, node: topic };
    const content = { type, text: payload.toString() };
    this.parts?.publisher.publish({ node, id: itemId ?? ids.next(), content, retain }, sent);
  }

  subscribe(
    wanted: readonly WireSubscription[],
    id: number | undefined,
    answered: (error: Error | undefined, codes: SubscribeAnswer[]) => void,
  ): void {
    const { parts, session } = this;
    if (!parts) return;
    Promise.all(wanted.map((one) => parts.subscriptions.subscribe(one, id).catch(asAnswer))).then(
      (codes) => {
        if (this.isUp && this.session === session) answered(undefined, codes);
      },
      (error: Error) => answered(error, []),
    );
  }

  unsubscribe(filters: string[]): void {
    this.parts?.subscriptions.unsubscribe(filters);
  }

  ping(answered: () => void): void {
    const { parts } = this;
    parts?.service.ask(parts.service.requests.info(), this.window).then(answered, (error) => {
      if (!isLost(error)) answered();
    });
  }

  async end(forever = false): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    this.isUp = false;
    this.stopRetry?.();
    for (const stop of this.stops) stop();
    this.parts?.subscriptions.end(forever);
    await this.options.session.close();
  }

  release(): LinkHandover {
    return { where: this.where, inbound: this.inbound.empty(), unreleased: new Set() };
  }

  private stateChanged(state: SessionState): void {
    if (this.ended) return;
    switch (state.phase) {
      case 'online':
        if (this.isUp) return;
        // The stream went on: what is under way is answered, and nothing was missed.
        if (state.resumed && this.wasUp) this.comeUp(false);
        else void this.begin();
        break;
      case 'connecting':
        if (!this.isUp) this.listener.retrying();
        break;
      case 'waiting':
        this.goDown(
          new LinkError('network', state.reason.text, false, { cause: state.reason }),
          Math.max(0, state.at - this.options.clock.now()),
        );
        break;
      case 'stopped': {
        const code = state.reason.code === 'conflict' ? 'takenover' : 'login';
        this.goDown(new LinkError(code, state.reason.text, true, { cause: state.reason }));
        break;
      }
      default:
    }
  }

  /** A new session: the service is checked before anything is asked of it. */
  private async begin(): Promise<void> {
    this.session += 1;
    const { session } = this;
    const isCurrent = (): boolean => !this.ended && this.session === session;
    this.stopRetry?.();
    try {
      this.parts ??= await this.makeParts();
      await this.parts.service.check();
      if (isCurrent() && this.options.session.stanzas.state.phase === 'online') this.comeUp(true);
    } catch (error) {
      // A lost session tells by itself.
      if (!isCurrent() || isLost(error)) return;
      const reason =
        error instanceof LinkError
          ? error
          : new LinkError('network', text('any.words', { words: String(error) }));
      if (reason.fatal) {
        this.listener.down(reason, undefined, undefined);
        return;
      }
      this.beginLater(reason);
    }
  }

  private beginLater(reason: LinkError): void {
    const { session } = this;
    const inMs = this.options.nextDelay();
    this.listener.down(reason, { inMs }, undefined);
    this.stopRetry = this.options.clock.after(inMs, () => {
      const isCurrent = !this.ended && this.session === session;
      if (!isCurrent || this.options.session.stanzas.state.phase !== 'online') return;
      this.listener.retrying();
      void this.begin();
    });
  }

  /** What is open goes out again, in its order and under its ids, as after a lost session. */
  private unanswered(error: Error): void {
    if (!this.isUp) return;
    this.isUp = false;
    this.parts?.publisher.forget();
    this.parts?.subscriptions.down();
    const { service } = this.options;
    this.beginLater(
      new LinkError('timeout', text('pubsub.silent', { service, text: textOf(error) }), false, {
        cause: error,
      }),
    );
  }

  private async makeParts(): Promise<Parts> {
    const { session, service: jid, node, poll, clock, notice } = this.options;
    const xml = await session.stanzas.load();
    const service = new PubsubService(session.stanzas, xml, jid, clock);
    const subscriptions = new NodeSubscriptions(
      service,
      { maxItems: node.maxItems, poll },
      {
        notice,
        deliver: (name, item, arrival) => this.deliver(name, item, arrival),
        replayed: (filter) => this.isUp && this.listener.replayed?.(filter),
        progress: (progress) => this.isUp && this.listener.progress?.(progress),
      },
    );
    const publisher = new Publisher(service, node, subscriptions, {
      notice,
      drained: () => this.isUp && this.listener.drained(),
      unanswered: (error) => this.unanswered(error),
    });
    return { service, subscriptions, publisher };
  }

  private comeUp(isNew: boolean): void {
    const { parts, wasUp, listener, options } = this;
    if (isNew) parts?.publisher.forget();
    parts?.subscriptions.up(isNew);
    this.isUp = true;
    this.wasUp = true;
    // What is still under way in a session that went on is not sent a second time; what was lost with the line is.
    if (wasUp) listener.forgotten?.();
    const maximumPacketSize = options.session.stanzas.stanzaLimit ?? DEFAULT_STANZA_LIMIT;
    // Subscriptions of the bare JID outlive the session.
    listener.connected({ sessionPresent: wasUp, properties: { maximumPacketSize } });
  }

  private goDown(reason: LinkError, inMs?: number): void {
    this.isUp = false;
    this.stopRetry?.();
    this.parts?.subscriptions.down();
    this.listener.down(reason, inMs === undefined ? undefined : { inMs }, undefined);
  }

  private heard(message: Parameters<typeof eventsOf>[0]): void {
    const { parts, options } = this;
    if (!parts || !this.wasUp) return;
    const { from = '' } = message.attrs;
    if (from === options.service) for (const event of eventsOf(message)) parts.subscriptions.handle(event);
    else if (bareOf(from) === options.session.stanzas.account)
      for (const node of unsubscribedNodes(message, options.service))
        parts.subscriptions.shared.endedElsewhere(node);
  }

  private deliver(node: string, item: PubsubItem | undefined, { retain, late, filters }: Arrival): void {
    const { ids, service, payloadType, session } = this.options;
    const origin = item && ids.originOf(item, session.stanzas.account);
    if (origin === 'again' && !retain) return;
    const wanted = origin === 'ours' && !retain ? filters.filter(({ nl }) => !nl) : filters;
    if (wanted.length === 0) return;
    const found = wanted.flatMap(({ id }) => id ?? []);
    const pubsub: PubsubAddress = {
      service,
      type: item?.content?.type ?? payloadType,
      node,
      ...(item && { itemId: item.id }),
      ...(item?.publisher !== undefined && { publisher: item.publisher }),
      ...(late && { late }),
    };
    this.inbound.take(node, Buffer.from(item?.content?.text ?? ''), {
      qos: 0,
      retain,
      dup: false,
      pubsub,
      ...(found.length > 0 && { properties: { subscriptionIdentifier: found } }),
    });
  }
}

function asAnswer(error: unknown): SubscribeAnswer {
  if (isLost(error)) throw error;
  return error instanceof Error
    ? error
    : new LinkError('refused', text('any.words', { words: String(error) }));
}
