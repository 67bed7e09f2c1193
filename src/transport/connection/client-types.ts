/** What the one MQTT connection of an account is made of, and whom it tells. */

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
  /** Seconds. */
  keepalive: number;
  cleanSession: boolean;
  /** Seconds; MQTT 5 only. */
  sessionExpiry?: number | undefined;
  userProperties?: Record<string, string> | undefined;
  birth?: Announcement | undefined;
  close?: Announcement | undefined;
  will?: Announcement | undefined;
  /** Prosody: how payloads stand in PubSub items. */
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
  /** Finds the broker. `fresh`: do not answer from memory, the remembered way has failed. */
  findPlan(settings: ClientSettings, signal: AbortSignal, fresh: boolean): Promise<Plan>;
  /** Keeps waiting messages on disk; absent: in memory only. `live` gives all that waits. */
  openJournal?: ((live: () => Iterable<StoredMessage>) => Journal) | undefined;
  /** Loads MQTT.js when it is first needed. */
  loadMqtt(): Promise<typeof import('mqtt')>;
}

export type Phase = 'idle' | 'finding' | 'connecting' | 'connected' | 'waiting' | 'stopped';

export interface ClientState {
  phase: Phase;
  /** Why it is not connected. */
  reason?: LinkError;
  /** When the next try begins, in milliseconds from the change. */
  retryInMs?: number;
  /** `mqtts://host:8883`. */
  where?: string;
}

export interface ClientListener {
  state(state: ClientState): void;
  /** The number of waiting messages, or of dropped ones, changed; also while the client is being made. */
  queued(count: number, dropped: number): void;
  /** Something worth a line in the log; each code once until the settings change. */
  notice(notice: Notice): void;
  /** The steps of a resolution that has just ended. */
  plan(plan: Plan): void;
}
