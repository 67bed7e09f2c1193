/**
 * Why a connection was lost or refused, or a message could not be sent.
 * `fatal` ones stop: trying again by itself would not help, or would do harm (a refused login).
 */
export type ReasonCode =
  | 'login' // refused credentials
  | 'refused' // the server refused for another reason
  | 'version' // the protocol version was refused
  | 'tls' // certificate or handshake
  | 'unencrypted' // a password was about to go unencrypted to an address that is not local
  | 'network' // connection refused, reset, no route, name not found
  | 'timeout' // no answer in time
  | 'keepalive' // a connection that had been up went silent
  | 'takenover' // another client with the same client id
  | 'closed' // the server closed, with or without saying why
  | 'protocol' // the other side broke the protocol
  | 'config'; // what was typed cannot work

export class LinkError extends Error {
  override readonly name = 'LinkError';
  constructor(
    readonly code: ReasonCode,
    message: string,
    readonly fatal = false,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A topic, filter, payload or option that cannot be sent as it is: what, where, and what to do about it. */
export class InputError extends Error {
  override readonly name = 'InputError';
  constructor(
    /** Stable name of the fault: `topic-empty`, `payload-circular`, … */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
