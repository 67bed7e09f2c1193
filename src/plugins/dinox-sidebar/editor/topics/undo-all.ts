import type { Text } from '../../../../base/text';
import type { ApiError } from '../../../../editor/admin-api';
import type { Restored } from '../../clearing-answers';

export interface AllRestored {
  restored: number;
  failed: number;
  newer: number;
  /** Why the first message failed. */
  why: Text | undefined;
  /** Why the first step failed. */
  error: unknown;
  /** Tokens of what can be tried again. */
  left: string[];
}

/** The runtime's code: it does not know a step any more. */
const TOO_LATE = 'noUndo';

/**
 * Undoes one step after the other, and never rejects. What is too late for one step does not stop the others; behind any
 * other error they wait for another try.
 * @param shown hears how many messages are restored so far
 */
export async function undoAll(
  tokens: readonly string[],
  undo: (token: string) => Promise<Restored>,
  shown: (restored: number) => void,
): Promise<AllRestored> {
  const all: AllRestored = {
    ...{ restored: 0, failed: 0, newer: 0 },
    ...{ why: undefined, error: undefined, left: [] },
  };
  for (const [place, token] of tokens.entries()) {
    try {
      const step = await undo(token);
      all.restored += step.restored;
      all.failed += step.failed;
      all.newer += step.newer ?? 0;
      all.why ??= step.why;
      if (step.undo) all.left.push(step.undo);
      shown(all.restored);
    } catch (error) {
      all.error ??= error;
      if ((error as ApiError).code === TOO_LATE) continue;
      all.left.push(...tokens.slice(place));
      break;
    }
  }
  return all;
}
