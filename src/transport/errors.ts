import { CodedError, textOf } from '../base/coded-error';
import type { Text } from '../base/text';

/**
 * Reasons for a lost or refused connection, or for a message that could not be sent.
 * `fatal` ones stop: an automatic new try would not help, or would do harm (a refused login).
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
  | 'toolarge' // a packet was larger than the server takes
  | 'closed' // the server closed, with or without saying why
  | 'protocol' // the other side broke the protocol
  | 'config'; // the typed settings cannot work

export class LinkError extends CodedError<ReasonCode> {
  override readonly name = 'LinkError';
  constructor(
    code: ReasonCode,
    text: Text,
    readonly fatal = false,
    options?: ErrorOptions & {
      /** The reason code that the server gave (MQTT 5 §2.4). */
      said?: number | undefined;
      /** True if this is the likeliest reason; the server did not say. @default false */
      guessed?: boolean;
      /** Topic or filter of ours behind which the connection was lost more than once, in quotes. */
      behind?: string | undefined;
    },
  ) {
    super(code, text, options);
    this.said = options?.said;
    this.guessed = options?.guessed ?? false;
    this.behind = options?.behind;
  }

  /** The reason code that the server gave, if there is a word for it. */
  readonly said: number | undefined;
  readonly guessed: boolean;
  readonly behind: string | undefined;
}

/** Error for typed settings that cannot work; a LinkError is kept as it is. */
export function configError(error: Error): LinkError {
  if (error instanceof LinkError) return error;
  return new LinkError('config', textOf(error), true, { cause: error });
}

/** The SUBACK could not be read: one of the filters that waited for theirs may be the reason. */
export class SubackError extends LinkError {}

export { InputError } from '../topics/errors';
