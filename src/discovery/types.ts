import type { Step } from '../base/step';
import type { Text } from '../base/text';
import type { XmppEndpoint } from '../net/host';
import type { UntrustedCertificate } from '../net/tls-fault';
import type { Endpoint, MqttVersion, ServerType } from '../servers/types';
import type { Jid } from '../xmpp/jid-grammar';

/** Fields typed into `dinox-broker`, normalised, without secrets. Absent ones have to be found out. */
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
  /** MQTT user if it is not the account's. */
  user?: string;
  mqttPassword?: string;
}

export type NoticeLevel = 'info' | 'warning';
/** Something a person should know although the connection works. */
export interface Notice {
  level: NoticeLevel;
  /** Stable name for tests and "said once". */
  code: string;
  text: Text;
}

/** Login in the MQTT CONNECT packet: the account's, the one typed for MQTT, or none at all. */
export type LoginKind = 'account' | 'typed' | 'none';
/** The reason why there is no chat although there is MQTT. */
export interface ChatMissed {
  /** Kind of the `XmppFailure`; `password`: none was typed. */
  failure: string;
  text: Text;
  certificate?: UntrustedCertificate;
}

/**
 * The reason for a transport that nobody chose, on Prosody:
 * - `local`: its MQTT bridge answers at a local address and confirms subscriptions, hence MQTT;
 * - `remote`: the bridge answers at an address that is not local, where anybody may write, hence PubSub;
 * - `unconfirmed`: the bridge does not confirm subscriptions, hence PubSub;
 * - `untrusted`: the bridge answers, and its certificate is not valid, hence PubSub;
 * - `absent`: there is no bridge, hence PubSub.
 */
export type TransportReason =
  | { why: 'local' | 'remote' | 'unconfirmed' | 'untrusted'; where: string; address: string }
  | { why: 'absent' };

/** The result of a resolution. Holds no secret; can be stored as JSON. */
export interface Plan {
  serverType: ServerType;
  /** The broker's own name for its software, `ejabberd 23.01-1`; absent if nobody said, or it is another server. */
  software?: string;
  /** The account server's own name for its software. */
  accountSoftware?: string;
  /** The reason why the account could not log in to XMPP, if that was tried and MQTT works without it. */
  chatMissed?: ChatMissed;
  /** Absent over PubSub, and if the account's server offers no MQTT (and no host was typed). */
  mqtt?: {
    endpoint: Endpoint;
    /** Name that the certificate is checked against and that is sent by SNI. */
    servername: string;
    /** The version that the probe found; absent if it was not probed: try the profile's in order. */
    version?: MqttVersion;
    login: LoginKind;
  };
  /** Present where messages go over XMPP PubSub: the JID of the service. */
  pubsub?: { service: string };
  /** Present where the transport was chosen automatically between MQTT and PubSub. */
  transport?: TransportReason;
  xmpp?: XmppEndpoint & { domain: string };
  /** Services that the account's server named. */
  services: { pubsub?: string; muc?: string; upload?: string };
  steps: Step[];
  notices: Notice[];
  /** Time of the resolution, ISO 8601. */
  at: string;
}
