import { text } from '../../base/catalogue';
import { plain } from '../../base/printable';
import type { Text } from '../../base/text';
import type { ServerProfile } from '../../servers/profiles/profile';
import { InputError } from '../../topics/errors';
import type { ConnectionCapabilities } from '../capabilities';
import type { ReceivedPublication, SubscribeOptions } from '../messages';
import { aloneBytes } from '../packet-size';

/** One node's wish to receive what matches one filter. */
export interface Subscription {
  /** The owner: several subscriptions of one owner deliver a message once. */
  readonly owner: string;
  /** Plain topic filter. */
  readonly filter: string;
  readonly options: SubscribeOptions;
  /** A flow acknowledges by hand, which QoS 1 alone allows: the filter is subscribed with that. */
  readonly manual?: boolean;
  /** An observer only: the wishes of others for No Local and retained messages stay unchanged. */
  readonly passive?: boolean;
  deliver(message: ReceivedPublication): void;
  /** The server, or its profile, does not take this filter. */
  refused(reason: Error): void;
  /** The server confirmed it. */
  granted?(): void;
  /** `deliver` threw, which costs that message. @default the connection says so */
  failed?(topic: string, reason: string): void;
}

/** Options of a SUBSCRIBE for a filter. */
export type SentOptions = SubscribeOptions & { id: number | undefined };

/** Topics remembered during a replay of retained messages, for one subscription. */
const REPLAY_TOPICS = 10_000;

/** One filter as the server knows it, and who wants it. */
export class WireFilter {
  readonly subscriptions: Subscription[] = [];
  /** Options of the last SUBSCRIBE; undefined: none was sent on this connection. */
  sent: SentOptions | undefined;
  /** It was given up and wanted again before the server was told. */
  stands = false;
  granted = false;
  /** The server, or its profile, refuses it: nothing comes for it. */
  refused = false;
  /** Number of SUBACKs for it alone that broke the connection. */
  faults = 0;
  /** Losses of the connection in a row behind its SUBSCRIBE, without an answer. */
  losses = 0;
  /** Filters that may go out in one packet with it. */
  together = Number.POSITIVE_INFINITY;
  /** Why it must not be sent again: the server's answer to it broke the connection. */
  unreadable: Error | undefined;
  /** Rank among the filters sent on this connection: the server handles them in this order. */
  rank = 0;
  /** A node joined since the last SUBSCRIBE. */
  fresh = false;
  /** Those for whom the retained messages on their way are meant, and the topics that each has got already. */
  readonly joining = new Map<Subscription, Set<string>>();
  /** Topics of which a retained message came since a node joined: with Retain As Published the next is a live one. */
  private readonly heard = new Set<string>();
  /** Ends the time in which retained messages are taken for the joining ones'. */
  stopJoin: (() => void) | undefined;
  /** A node joined existing ones: until the replay is over, a set retained flag must mean "replay". */
  private masked = false;

  constructor(readonly wire: string) {}

  /** `subscription` is to get the retained messages that the next SUBSCRIBE brings. */
  join(subscription: Subscription, v5: boolean): void {
    if (v5 && subscription.options.rh === 2) return;
    this.joining.set(subscription, new Set());
    this.heard.clear();
    this.fresh = true;
    if (this.sent) this.masked = true;
  }

  endJoin(): void {
    this.stopJoin?.();
    this.stopJoin = undefined;
    this.joining.clear();
    this.heard.clear();
    this.masked = false;
  }

  /** True if a retained message of this topic is still to come for those who joined. Ask once per message. */
  awaits(topic: string): boolean {
    if (this.joining.size === 0 || this.heard.has(topic)) return false;
    if (this.heard.size < REPLAY_TOPICS) this.heard.add(topic);
    return true;
  }

  /** Those who wait for this retained message; each gets a topic once in a replay. */
  joiners(topic: string): Subscription[] {
    const receivers: Subscription[] = [];
    for (const [subscription, topics] of this.joining) {
      // With Retain As Published the second message of a topic may be a live one.
      if (topics.has(topic) && !this.sent?.rap) continue;
      if (topics.size < REPLAY_TOPICS) topics.add(topic);
      receivers.push(subscription);
    }
    return receivers;
  }

  /** Options of the next SUBSCRIBE: highest QoS, No Local only if all want it, retained messages if one wants them. */
  options(v5: boolean, maxQos: 0 | 1 | 2): SubscribeOptions {
    const most = this.subscriptions.some(({ manual }) => manual) ? Math.min(1, maxQos) : maxQos;
    const active = this.subscriptions.filter(({ passive }) => !passive);
    const counting = active.length > 0 ? active : this.subscriptions;
    const all = counting.map((subscription) => subscription.options);
    const qos = Math.min(most, Math.max(...all.map((options) => options.qos))) as 0 | 1 | 2;
    // 3.1.1 sends every retained message again for a new SUBSCRIBE, so none is sent only to lower the QoS.
    if (!v5)
      return { qos: this.sent && this.sent.qos > qos ? this.sent.qos : qos, nl: false, rap: false, rh: 0 };
    return {
      qos,
      // No Local on a shared subscription is a protocol error (MQTT 5 §3.8.3.1).
      nl: !this.wire.startsWith('$share/') && all.every((options) => options.nl),
      rap: !this.masked && all.some((options) => options.rap),
      rh: this.retainHandling(),
    };
  }

  private retainHandling(): 0 | 1 | 2 {
    if (!this.sent) return Math.min(...this.subscriptions.map(({ options }) => options.rh)) as 0 | 1 | 2;
    // The server would count a newcomer's filter as known and send nothing for 1.
    return this.fresh ? 0 : 2;
  }
}

/** True if the server need not be told again. */
export function isSame(
  sent: SentOptions | undefined,
  options: SubscribeOptions,
  id: number | undefined,
): boolean {
  return (
    sent !== undefined &&
    sent.id === id &&
    sent.qos === options.qos &&
    sent.nl === options.nl &&
    sent.rap === options.rap
  );
}

/** Why this filter must not be sent to this server; undefined: it may. */
export function whyRefused(
  wire: string,
  profile: ServerProfile,
  capabilities: ConnectionCapabilities,
): InputError | undefined {
  const { label } = profile;
  const filter = plain(wire);
  if (wire.startsWith('$share/') && !capabilities.shared) {
    return new InputError('filter-shared', text('input.sharedNone', { server: label, filter }));
  }
  if (!capabilities.wildcards && /[+#]/.test(wire)) {
    return new InputError('filter-wildcard', text('input.wildcardsNone', { server: label, filter }));
  }
  const levels = wire.split('/').length;
  const most = capabilities.maxFilterLevels;
  if (most !== undefined && levels > most) {
    return new InputError('filter-deep', text('input.filterDeep', { server: label, filter, most, levels }));
  }
  const bytes = aloneBytes(wire);
  if (bytes > capabilities.maximumPacketSize) {
    return new InputError(
      'filter-long',
      text('input.filterLarge', { server: label, filter, bytes, most: capabilities.maximumPacketSize }),
    );
  }
  return undefined;
}

/** What a refused SUBACK means (MQTT 5 §3.9.3). */
export function refusalOf(wire: string, code: number): Text {
  const filter = plain(wire);
  switch (code) {
    case 128:
      return text('mqtt.filterRefused', { filter });
    case 135:
      return text('mqtt.filterDenied', { filter });
    case 143:
      return text('mqtt.filterNotAllowed', { filter });
    default:
      return text('mqtt.filterRefusedBy', { filter, code });
  }
}
