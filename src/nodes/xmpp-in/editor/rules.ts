/** Rules for the fields of `xmpp-in`, checked while somebody types. */
import { ownReason, type Rule } from '../../../editor/validation';
import { type PatternType, patternFault } from '../../../xmpp/receiving/pattern-syntax';

/** A text to look for, or a valid expression. */
export const pattern =
  (type: () => unknown): Rule =>
  (typed) => {
    const fault = typed.trim() === '' ? undefined : patternFault(typed, type() as PatternType);
    return fault && ownReason('pattern', { reason: fault.text });
  };
