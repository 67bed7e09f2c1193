import type { Clock } from '../../base/clock';
import type { Step } from '../../base/step';
import type { Text } from '../../base/text';
import type { Plan, Question, Secrets } from '../../discovery/types';
import type { TlsSettings } from '../../net/tls';
import type { ServerProfile } from '../../servers/profiles';
import type { MqttVersion } from '../../servers/types';
import type { Login } from '../connection/credentials';
import type { Ability } from './abilities';
import type { ProbeClient, ProbeClientOptions } from './probe-client';

/** Tools that the questions share. */
export interface Probe {
  readonly server: ProbedServer;
  readonly profile: ServerProfile;
  readonly version: MqttVersion;
  readonly login: Login;
  readonly signal: AbortSignal;
  readonly listener: ProbeListener;
  /** Address of the server: `mqtts://host:8883`. */
  readonly where: string;
  open(more?: Partial<ProbeClientOptions>): Promise<ProbeClient>;
  /** Test topics, in the server's own form, and a payload that nobody else sends. */
  place(): ProbeTopics;
  /** Runs one question and reports its answer or error; an error stops nothing else. */
  ask(asked: Text, question: () => Promise<QuestionResult>): Promise<void>;
}

export interface ProbeTopics {
  /** Two topics of their own, wire form. */
  topic: string;
  marker: string;
  /** Matches `topic` by `+` and by `#`, and not the marker. */
  filter: string;
  payload: string;
  markerPayload: string;
}

export interface QuestionResult {
  answer: Text;
  follows: Text;
  ability: Ability;
}

export interface ProbedServer {
  plan: Plan;
  question: Question;
  secrets: Secrets;
  tls: TlsSettings;
  payloadType: string;
}

export interface ProbeTools {
  clock: Clock;
  mqtt: typeof import('mqtt');
  /** Twelve hexadecimal digits, different at every call. */
  newId(): string;
}

export interface ProbeListener {
  step(step: Step): void;
  ability(ability: Ability): void;
}

export const VERSIONS: Readonly<Record<MqttVersion, string>> = { 3: '3.1', 4: '3.1.1', 5: '5' };
