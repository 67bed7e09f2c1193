/** What a resolution asks of the world. `system-lookups` answers for real, tests answer from tables. */
import type { SeenCertificate, Step, XmppEndpoint } from './types';

export interface SrvRecord {
  /** Target without a trailing dot; empty for the target `.`. */
  name: string;
  port: number;
  priority: number;
  weight: number;
}

export type SrvAnswer =
  | { kind: 'records'; records: SrvRecord[] }
  /** The name exists without such a record, or does not exist. */
  | { kind: 'none' }
  /** DNS did not answer. `reason` is a phrase. */
  | { kind: 'failed'; reason: string };

/** What a certificate shows of itself, for somebody who decides whether to trust it. */
export type ShownCertificate = Omit<SeenCertificate, 'where'>;

/** What is wrong with a certificate or a handshake. */
export interface TlsFault {
  kind: 'expired' | 'not-yet-valid' | 'self-signed' | 'unknown-authority' | 'wrong-name' | 'handshake';
  /** A phrase: `the certificate expired on 2026-01-31`. */
  text: string;
  /** Absent where the handshake did not come so far. */
  certificate?: ShownCertificate;
}

export interface XmppRequest extends XmppEndpoint {
  /** The account: `local@domain`. */
  local: string;
  domain: string;
  password: string;
  /** True: a stream without TLS is used where the server offers none. */
  allowUnencrypted: boolean;
  /** Connect, encrypt and log in within this many milliseconds. */
  timeoutMs: number;
}

/** Why an XMPP login failed. `login` alone forbids a further try. */
export type XmppFailure =
  /** not-authorized, account-disabled, credentials-expired: the password or the account is refused. */
  | 'login'
  /** policy-violation: this address is banned for a while (fail2ban), or a limit was hit. */
  | 'policy'
  | 'host-unknown'
  /** DNS has no such host. */
  | 'name'
  | 'conflict'
  | 'shutdown'
  | 'tls'
  /** The server offers no TLS, and nobody allowed to go without. */
  | 'unencrypted'
  | 'network'
  | 'timeout'
  | 'protocol';

export type XmppAnswer =
  | {
      ok: true;
      address: string;
      encrypted: boolean;
      /** Absent where the connection is not encrypted. */
      verified?: boolean;
      /** True: nobody vouches for the certificate, and it is trusted by its fingerprint. */
      pinned?: boolean;
      /** `ejabberd 23.01-1` from XEP-0092, absent where the server does not tell. */
      software?: string;
      /** Names in the software version and the server's identities, to tell servers by. */
      identities: string[];
      services: { pubsub?: string; muc?: string; upload?: string };
    }
  | {
      ok: false;
      failure: XmppFailure;
      text: string;
      address?: string;
      /** With the failure `tls`, where the server showed one. */
      certificate?: ShownCertificate;
    };

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
        /** What came back: `CONNACK 0x87 (not authorised)`. */
        text: string;
      };
    }
  | {
      ok: false;
      /** `closed`: nothing listens; `silent`: no answer; `name`: unknown host; `tls`: no handshake; `mqtt`: answers, but not as MQTT. */
      failure: 'closed' | 'silent' | 'name' | 'network' | 'tls' | 'mqtt';
      text: string;
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
  /** Whether certificates are checked (a `tls-config` may say no). */
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
