import type { NodeStatus } from 'node-red';

/** A node that uses the connection and shows its state. */
export interface RegisteredNode {
  readonly id: string;
  status(status: NodeStatus): void;
}

/** Log of the connection's owner. */
export interface Log {
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}
