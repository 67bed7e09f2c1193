import type { Text } from '../base/text';
import type { UntrustedCertificate } from '../net/tls-fault';
import type { Endpoint, MqttVersion, ServerType } from '../servers/types';
import type { Jid } from '../xmpp/jid';
import type { XmppEndpoint } from '../xmpp/stream/login-types';

/** What a person typed into `dinox-broker`, normalised, without secrets. Absent means: find out. */
export interface Question {
  jid?: Jid;
  serverType: 'auto' | ServerType;
  /** From `host`, which may also be a URL (`wss://h/mqtt`): then `scheme`, `port` and `path` come from it. */
  host?: string;
  scheme?: Endpoint['protocol'];
  port?: number;
  path?: string;
  usetls: boolean;
  useXmppCredentials: boolean;
  transport: 'auto' | 'mqtt' | 'pubsub';
  pubsubService?: string;
  xmppService?: XmppEndpoint;
  protocolVersion: 'auto' | MqttVersion;
  allowUnencrypted: boolean;
}

export interface Secrets {
  /** The XMPP password. */
  password?: string;
  /** MQTT login where it is not the account's. */
  user?: string;
  mqttPassword?: string;
}

/** One thing that was looked up, for people. */
export interface Step {
  /** What was asked, of whom: `SRV _xmpp-client._tcp.example.org`. */
  asked: Text;
  /** What came back: `xmpp.example.org:5222 (priority 5, weight 0)`, `no answer within 5 s`. */
  answer: Text;
  /** What follows from it: `log in there`, `try the domain itself`. */
  follows: Text;
  ok: boolean;
  /** How long it took, in milliseconds. */
  ms: number;
}

export type NoticeLevel = 'info' | 'warning';
/** Something a person should know although the connection works. */
export interface Notice {
  level: NoticeLevel;
  /** Stable name for tests and "said once". */
  code: string;
  text: Text;
}

/** Which login goes into the MQTT CONNECT packet: the account's, the one typed for MQTT, or none at all. */
export type LoginKind = 'account' | 'typed' | 'none';
/** Why there is no chat although there is MQTT. */
export interface ChatMissed {
  /** Kind of the `XmppFailure`; `password`: none was typed. */
  failure: string;
  text: Text;
  certificate?: UntrustedCertificate;
}

/** The result of a resolution. Holds no secret; can be stored as JSON. */
export interface Plan {
  serverType: ServerType;
  /** As the broker's server names itself, `ejabberd 23.01-1`; absent where nobody said, or it is another server. */
  software?: string;
  /** As the account's server names itself. */
  accountSoftware?: string;
  /** Why the account could not log in to XMPP, where that was tried and MQTT works without it. */
  chatMissed?: ChatMissed;
  /** Absent where the account's server offers no MQTT (and no host was typed). */
  mqtt?: {
    endpoint: Endpoint;
    /** Name that the certificate is checked against and that is sent by SNI. */
    servername: string;
    /** The version that the probe found; absent where it was not probed: try the profile's in order. */
    version?: MqttVersion;
    login: LoginKind;
  };
  xmpp?: XmppEndpoint & { domain: string };
  /** Services that the account's server named. */
  services: { pubsub?: string; muc?: string; upload?: string };
  steps: Step[];
  notices: Notice[];
  /** When it was found out, ISO 8601. */
  at: string;
}
