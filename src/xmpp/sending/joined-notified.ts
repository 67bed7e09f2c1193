import type { Notified } from './send-request';

/**
 * The notification of messages that go out as one: as bad as the worst of them. A title or a topic of one would be wrong
 * for the others.
 */
export function joinedNotified(all: readonly Notified[]): Notified | undefined {
  const [first] = all;
  if (!first) return undefined;
  const same = (name: 'title' | 'topic'): string | undefined =>
    all.every((one) => one[name] === first[name]) ? first[name] : undefined;
  const isCritical = all.some(({ severity }) => severity === 'critical');
  return {
    title: same('title'),
    topic: same('topic'),
    severity: isCritical ? 'critical' : first.severity,
  };
}
