import type { NodeStatus } from 'node-red';
import type { Text } from '../base/text';

/** A node that uses the connection and shows its state. */
export interface RegisteredNode {
  readonly id: string;
  status(status: NodeStatus): void;
}

/** Log of the connection's owner, in the language of the process. */
export interface Log {
  info(said: Text): void;
  warn(said: Text): void;
  error(said: Text): void;
}
