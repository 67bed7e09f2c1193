import type { Plan, Question, Secrets } from '../../discovery/types';

/**
 * The PubSub service whose nodes an account's XMPP session can list and read beside Prosody's bridge; undefined on
 * another server, or without an account.
 */
export function helpedService(
  plan: Pick<Plan, 'serverType' | 'services' | 'mqtt'>,
  question: Question,
  secrets: Secrets,
): string | undefined {
  const hasAccount = question.jid?.local !== undefined && secrets.password !== undefined;
  if (!plan.mqtt || plan.serverType !== 'prosody' || !hasAccount) return undefined;
  return question.pubsubService ?? plan.services.pubsub;
}
