/** The order in which SRV targets are tried (RFC 2782). */
import { isIP } from 'node:net';
import { list, text } from '../base/catalogue';
import type { Text } from '../base/text';

/** A target of one of several services that are taken together, such as `_xmpp-client` and `_xmpps-client`. */
export type Tagged<T> = SrvRecord & { tag: T };

/**
 * Sorts by priority; among equals draws by weight, those of weight 0 last (RFC 2782, "Weight").
 * @param random in [0, 1), called once for every draw among several records.
 */
export function orderSrv<T extends SrvRecord>(records: readonly T[], random: () => number): T[] {
  const priorities = [...new Set(records.map(({ priority }) => priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) => {
    // Weight 0 in front gives these records their small chance, as the standard says.
    const left = records.filter((record) => record.priority === priority).sort((a, b) => a.weight - b.weight);
    const drawn: T[] = [];
    while (left.length > 1) {
      const total = left.reduce((sum, { weight }) => sum + weight, 0);
      const point = Math.floor(random() * (total + 1));
      let sum = 0;
      const index = left.findIndex(({ weight }) => {
        sum += weight;
        return sum >= point;
      });
      drawn.push(...left.splice(Math.max(0, index), 1));
    }
    return [...drawn, ...left];
  });
}

/** True for the target `.`: the service is decidedly not available at this domain. */
export function declined(answer: SrvAnswer): boolean {
  return (
    answer.kind === 'records' && answer.records.length > 0 && answer.records.every(({ name }) => isRoot(name))
  );
}

/** DNS can hold any bytes. A text that is not a host name (RFC 1123 §2.1, and `_`) could mean another one in a URL. */
const IS_HOST = /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?$/i;

/** The records that name a host, each marked with the service that it came from. */
export function targets<T>(answer: SrvAnswer, tag: T): Tagged<T>[] {
  if (answer.kind !== 'records') return [];
  return answer.records
    .filter(({ name }) => IS_HOST.test(name))
    .map((record) => ({ ...record, name: record.name.replace(/\.$/, '').toLowerCase(), tag }));
}

function isRoot(name: string): boolean {
  return name === '' || name === '.';
}

/** `xmpp.example.org:5222 (priority 5, weight 0)`, several joined; for people. */
export function describeSrv(answer: SrvAnswer): Text {
  if (answer.kind === 'none') return text('net.srvNone');
  if (answer.kind === 'failed') return answer.reason;
  if (declined(answer)) return text('net.srvDeclined');
  return list(
    answer.records
      .filter(({ name }) => !isRoot(name))
      .sort((a, b) => a.priority - b.priority || b.weight - a.weight)
      .map(({ name, port, priority, weight }) =>
        text('net.srvRecord', { host: `${name}:${port}`, priority, weight }),
      ),
  );
}

export interface SrvRecord {
  /** Target without a trailing dot; empty for the target `.`. */
  name: string;
  port: number;
  priority: number;
  weight: number;
}

export type SrvAnswer =
  | { kind: 'records'; records: SrvRecord[] }
  /** The name exists without such a record, or does not exist. */
  | { kind: 'none' }
  /** DNS did not answer. */
  | { kind: 'failed'; reason: Text };
/** Names for which DNS has no SRV records by definition. */
export function hasSrv(domain: string): boolean {
  return isIP(domain) === 0 && domain !== 'localhost' && !domain.endsWith('.localhost');
}
