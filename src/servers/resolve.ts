import { ResolveError } from './errors';
import type { Lookups, ResolveOptions } from './lookups';
import type { Plan, Question, Secrets } from './types';

/** Finds the broker that belongs to what was typed. Stub: the signature stands, the rest follows. */
export async function resolve(
  _question: Question,
  _secrets: Secrets,
  _lookups: Lookups,
  _options: ResolveOptions = {},
): Promise<Plan> {
  throw new ResolveError('config', 'Not written yet.');
}
