/** What a resolution asks of the world. `system-lookups` answers for real, tests answer from tables. */

import type { Text } from '../base/text';
import type { SrvAnswer } from '../net/srv';
import type { TlsFault } from '../net/tls-fault';
import type { XmppAnswer, XmppRequest } from '../xmpp/stream/login-types';
import type { Step } from './types';

export interface ProbeRequest {
  host: string;
  port: number;
  tls: boolean;
  /** Set for MQTT over WebSocket: only TCP and TLS are looked at, MQTT is not spoken. */
  webSocket: boolean;
  /** Names of which the certificate must carry one; tried in this order, each asked for by SNI. */
  servernames: string[];
  timeoutMs: number;
}

/** What an anonymous CONNECT tells about the software: a hint, not a proof. */
export type BrokerGuess = 'ejabberd' | 'prosody' | 'mosquitto' | 'unknown';

export type ProbeAnswer =
  | {
      ok: true;
      address: string;
      /** Present with TLS: the name that the certificate was found valid for, or what is wrong with it. */
      tls?:
        | {
            servername: string;
            fault?: undefined;
            /** True: nobody vouches for it, and it is trusted by its fingerprint. */
            pinned?: boolean;
          }
        | { servername: string; fault: TlsFault };
      /** Absent where MQTT was not spoken. */
      mqtt?: {
        guess: BrokerGuess;
        /** The highest version that the broker speaks. */
        version: 4 | 5;
        /** True: an anonymous login was accepted. */
        open: boolean;
        /** What came back, as a clause. */
        text: Text;
      };
    }
  | {
      ok: false;
      /** `closed`: nothing listens; `silent`: no answer; `name`: unknown host; `tls`: no handshake; `mqtt`: answers, but not as MQTT. */
      failure: 'closed' | 'silent' | 'name' | 'network' | 'tls' | 'mqtt';
      text: Text;
      address?: string;
    };

export interface DefaultPorts {
  /** 5222 */
  xmpp: number;
  /** 1883 */
  mqtt: number;
  /** 8883 */
  mqtts: number;
}

export interface Lookups {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds that only go on, whatever becomes of the clock on the wall: for lengths. */
  steady(): number;
  /** In [0, 1). */
  random(): number;
  /** Calls back after so many milliseconds; the result cancels. */
  after(ms: number, call: () => void): () => void;
  /** False if a `tls-config` turns the check of certificates off. */
  readonly verify: boolean;
  /** Name for the MQTT certificate that a `tls-config` asks for. */
  readonly servername?: string | undefined;
  /** Ports where neither a person nor DNS names one. */
  readonly ports: DefaultPorts;
  /** Never rejects but for the signal. */
  srv(name: string, signal: AbortSignal): Promise<SrvAnswer>;
  /** Logs in, discovers, logs off. Never rejects but for the signal. */
  xmpp(request: XmppRequest, signal: AbortSignal): Promise<XmppAnswer>;
  /** Connects anonymously, never with a password. Never rejects but for the signal. */
  probe(request: ProbeRequest, signal: AbortSignal): Promise<ProbeAnswer>;
}

export interface ResolveOptions {
  signal?: AbortSignal | undefined;
  /** Called with every step as soon as it is known. */
  onStep?: ((step: Step) => void) | undefined;
  /** Logs in to XMPP even where a typed host answers without it: what the account's server offers is wanted too. */
  withXmpp?: boolean | undefined;
  /** The whole resolution, in milliseconds. @default 15000 */
  timeoutMs?: number | undefined;
}
