/** The reason why nothing is sent about an alert. */
export type QuietBy = 'silence' | 'quietHours' | 'dependency' | 'cooldown' | 'flapping' | 'digest';

/** What holds messages about an alert back. */
export interface Quiet {
  by: QuietBy;
  /** When it ends, in milliseconds since the epoch; Infinity: that is not known. */
  until: number;
}

/** The same as messages show it: `until` is ISO 8601, or null where it is not known. */
export interface QuietView {
  by: QuietBy;
  until: string | null;
}

export function quietView({ by, until }: Quiet): QuietView {
  // A date names no later moment (ECMAScript 21.4.1.1).
  return { by, until: until > 8.64e15 ? null : new Date(until).toISOString() };
}
