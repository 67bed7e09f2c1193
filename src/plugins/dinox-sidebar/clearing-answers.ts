import type { Text } from '../../base/text';

/** The answer to the clearing of retained messages. */
export interface Cleared {
  cleared: number;
  failed: number;
  /** Why the first one failed. */
  why?: Text;
  /** Token for undo; absent if nothing can be restored. */
  undo?: string;
  /** Number of messages that were too long to keep, and cannot be restored. */
  lost: number;
}

/** The answer to its undo. */
export interface Restored {
  restored: number;
  failed: number;
  /** Number of topics that have got another message since, and keep it. */
  newer?: number;
  /** Why the first one failed. */
  why?: Text;
  /** Token to try again what failed. */
  undo?: string;
}
