/** Settings, tools and listener of the one MQTT connection of an account. */

import type { QueueLimits } from '../../base/bounded-queue';
import type { Clock } from '../../base/clock';
import type { Notice, Plan, Question, Secrets } from '../../discovery/types';
import type { TlsSettings } from '../../net/tls';
import type { LinkError } from '../errors';
import type { Publication } from '../messages';
import type { Journal, StoredMessage } from '../outbox/journal';
import type { AccountSession } from '../pubsub/account-session';
import type { SubscribingProgress } from '../pubsub/progress';

/** A birth, close or will message. */
export type Announcement = Publication & { willDelayInterval?: number };

/** Settings of the transport `pubsub`. */
export interface PubsubSettings {
  /** `whitelist`, `open`, …: who may subscribe to a new node (XEP-0060 §4.5). */
  access: string;
  /** `publishers`, `subscribers`, `open`: who may publish to it. */
  publish: string;
  /** Items that a node keeps. */
  maxItems: number;
  /** Wait between two looks at the nodes, in milliseconds. */
  poll: number;
}

export interface ClientSettings {
  question: Question;
  secrets: Secrets;
  tls: TlsSettings;
  clientId: string;
  /** Keep-alive interval, in seconds. */
  keepalive: number;
  cleanSession: boolean;
  /** Lifetime of the session after a loss, in seconds; MQTT 5 only. */
  sessionExpiry?: number | undefined;
  userProperties?: Record<string, string> | undefined;
  birth?: Announcement | undefined;
  close?: Announcement | undefined;
  will?: Announcement | undefined;
  /** Form of payloads in PubSub items. */
  payloadType: string;
  /** Settings of the transport `pubsub`. @default only the account, one item, a look each minute */
  pubsub?: PubsubSettings | undefined;
  limits: QueueLimits;
  /** Shortest wait before a new try, in milliseconds. @default 1000 */
  reconnectMin?: number | undefined;
  /** Time for TCP, TLS and CONNACK, in milliseconds. @default 15000 */
  connectTimeout?: number | undefined;
}

export interface ClientTools {
  clock: Clock;
  random: () => number;
  /** Finds the broker. @param fresh true to ignore memory: the remembered way has failed */
  findPlan(settings: ClientSettings, signal: AbortSignal, fresh: boolean): Promise<Plan>;
  /** Keeps waiting messages on disk; absent: in memory only. `live` gives all waiting messages. */
  openJournal?: ((live: () => Iterable<StoredMessage>) => Journal) | undefined;
  /** The account's XMPP session, for PubSub; undefined: there is none. */
  session?: AccountSession | undefined;
  /** Name of this connection in the ids of its PubSub items; unique among all that use the account. */
  itemOwner?: string | undefined;
  /**
   * Says that this connection has ended: its will, unless the settings have one, and the last message before a goodbye;
   * undefined: nobody wants to know.
   */
  lastWords?: ((kind: 'will' | 'close') => Announcement | undefined) | undefined;
  /** Loads MQTT.js on first use. */
  loadMqtt(): Promise<typeof import('mqtt')>;
}

export type Phase = 'idle' | 'finding' | 'connecting' | 'connected' | 'waiting' | 'stopped';

export interface ClientState {
  phase: Phase;
  /** The reason why it is not connected. */
  reason?: LinkError;
  /** Time from the change to the next try, in milliseconds. */
  retryInMs?: number;
  /** Nodes that are still being subscribed to over PubSub, where that takes its time. */
  progress?: SubscribingProgress | undefined;
  /** Address of the broker: `mqtts://host:8883`, over PubSub `xmpp:pubsub.example.org`. */
  where?: string;
}

export interface ClientListener {
  state(state: ClientState): void;
  /** The number of waiting messages, or of dropped ones, changed; also while the client is being made. */
  queued(count: number, dropped: number): void;
  /** Gets a notice for the log; each code once until the settings change. */
  notice(notice: Notice): void;
  /** Gets the plan of a resolution that has just ended, with its steps. */
  plan(plan: Plan): void;
}
