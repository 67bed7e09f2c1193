import { CodedError } from '../base/coded-error';
import type { Step } from '../base/step';
import type { Text } from '../base/text';
import type { UntrustedCertificate } from '../net/tls-fault';
import type { Notice } from './types';

/**
 * Reasons why a resolution found no way:
 * - `cancelled`: the caller's signal;
 * - `timeout`: neither XMPP nor MQTT answered before the time was over;
 * - `login`: the server refused the XMPP password or disabled the account;
 * - `password-missing`: a JID without its password;
 * - `config`: the typed fields cannot work (nothing typed, two things that exclude each other);
 * - `transport-pubsub`: the account's server has no PubSub service;
 * - `host-unconfirmed`: only DNS or a server named the broker, and it did not prove itself;
 * - `unencrypted`: a password would go in clear text to an address that is not local;
 * - `tls`: certificate or handshake;
 * - `no-domain`: DNS has no host for the domain of the JID;
 * - `wrong-domain`: the server that answers does not serve the domain of the JID;
 * - `refused`: the server answered and does not serve this account or this address;
 * - `network`: name not found, connection refused, unreachable, no answer.
 */
export type ResolveCode =
  | 'cancelled'
  | 'timeout'
  | 'login'
  | 'password-missing'
  | 'config'
  | 'transport-pubsub'
  | 'host-unconfirmed'
  | 'unencrypted'
  | 'tls'
  | 'refused'
  | 'no-domain'
  | 'wrong-domain'
  | 'network';

/** Codes after which a new try would not help, or would do harm, unless a person changes something. */
const FATAL: ReadonlySet<ResolveCode> = new Set<ResolveCode>([
  'cancelled',
  'login',
  'password-missing',
  'config',
  'transport-pubsub',
  'host-unconfirmed',
  'unencrypted',
]);

/** Thrown if a resolution ends without a plan. The message has the tries, their answers and the remedy. */
export class ResolveError extends CodedError<ResolveCode> {
  override readonly name = 'ResolveError';
  /** True if the caller must not try again by itself. */
  readonly fatal: boolean;
  /** With the code `tls`: the untrusted certificate. */
  readonly certificate: UntrustedCertificate | undefined;
  constructor(
    code: ResolveCode,
    text: Text,
    readonly steps: Step[] = [],
    readonly notices: Notice[] = [],
    options?: ErrorOptions & { certificate?: UntrustedCertificate | undefined },
  ) {
    super(code, text, options);
    this.certificate = options?.certificate;
    this.fatal = FATAL.has(code);
  }
}
