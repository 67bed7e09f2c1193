import type { Text } from './text';

/** One look-up of a resolution, or one attempt of a connection test, for people. */
export interface Step {
  /** The question: `SRV _xmpp-client._tcp.example.org`. */
  asked: Text;
  /** The answer: `xmpp.example.org:5222 (priority 5, weight 0)`, `no answer within 5 s`. */
  answer: Text;
  /** The consequence: `log in there`, `try the domain itself`. */
  follows: Text;
  ok: boolean;
  /** Duration in milliseconds. */
  ms: number;
}
