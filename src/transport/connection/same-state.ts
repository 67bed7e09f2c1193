import { isSameText } from '../../base/text';
import type { ClientState } from './client-types';

/** True if a change from one state to the other is nothing new to anybody. */
export function isSameState(a: ClientState, b: ClientState): boolean {
  return (
    a.phase === b.phase &&
    isSameText(a.reason?.text, b.reason?.text) &&
    a.where === b.where &&
    a.progress === b.progress
  );
}
