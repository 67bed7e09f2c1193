/** Questions of a resolution to the network. `system-lookups` answers for real, tests answer from tables. */

import type { Step } from '../base/step';
import type { Text } from '../base/text';
import type { SrvAnswer } from '../net/srv';
import type { TlsFault } from '../net/tls-fault';
import type { XmppAnswer, XmppRequest } from '../xmpp/stream/login-types';

export interface ProbeRequest {
  host: string;
  port: number;
  tls: boolean;
  /** True for MQTT over WebSocket: only TCP and TLS are tested, MQTT is not spoken. */
  webSocket: boolean;
  /** Names, one of which the certificate must carry; tried in this order, each asked for by SNI. */
  servernames: string[];
  timeoutMs: number;
}

/** Software as guessed from an anonymous CONNECT: a hint, not a proof. */
export type ServerGuess = 'ejabberd' | 'prosody' | 'mosquitto' | 'unknown';

export type ProbeAnswer =
  | {
      ok: true;
      address: string;
      /** Present with TLS: the name for which the certificate is valid, or its fault. */
      tls?:
        | {
            servername: string;
            fault?: undefined;
            /** True if no authority vouches for it, and it is trusted by its fingerprint. */
            pinned?: boolean;
          }
        | { servername: string; fault: TlsFault };
      /** Absent if MQTT was not spoken. */
      mqtt?: {
        guess: ServerGuess;
        /** The highest version that the broker speaks. */
        version: 4 | 5;
        /** True if an anonymous login was accepted. */
        open: boolean;
        /** True if an anonymous SUBSCRIBE was answered by a SUBACK, granted or not; absent if none was sent. */
        subscribes?: boolean;
        /** The answer, as a clause. */
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
  /** Milliseconds of a clock that never goes back: for lengths. */
  steady(): number;
  /** A random number in [0, 1). */
  random(): number;
  /** Calls back after so many milliseconds; the result cancels. */
  after(ms: number, call: () => void): () => void;
  /** False if a `tls-config` turns the check of certificates off. */
  readonly verify: boolean;
  /** Name for the MQTT certificate that a `tls-config` asks for. */
  readonly servername?: string | undefined;
  /** Ports if neither a person nor DNS names one. */
  readonly ports: DefaultPorts;
  /** Asks for SRV records. Never rejects but for the signal. */
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
  /** True to log in to XMPP even if a typed host answers without it: the account server's offers are wanted too. */
  withXmpp?: boolean | undefined;
  /** Longest time for the whole resolution, in milliseconds. @default 15000 */
  timeoutMs?: number | undefined;
}
