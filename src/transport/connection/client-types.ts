/** Settings, tools and listener of the one MQTT connection of an account. */

import type { QueueLimits } from '../../base/bounded-queue';
import type { Clock } from '../../base/clock';
import type { Notice, Plan, Question, Secrets } from '../../discovery/types';
import type { TlsSettings } from '../../net/tls';
import type { LinkError } from '../errors';
import type { Publication } from '../messages';
import type { Journal, StoredMessage } from '../outbox/journal';

/** A birth, close or will message. */
export type Announcement = Publication & { willDelayInterval?: number };

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
  /** Form of payloads in PubSub items; Prosody only. */
  payloadType: string;
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
  /** Address of the broker: `mqtts://host:8883`. */
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
