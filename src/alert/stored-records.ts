import { CHECKS } from './device-check';
import type { Keyed } from './keys';
import type { Missed } from './message-texts';
import type { PastAlert } from './past-alerts';
import type { DayNumber } from './quiet-grammar';
import { CONDITIONS, limitFields } from './rules';
import type { Silence } from './silences';
import type { KeyRecord, NodeRecord, Override } from './snapshot';
import type { ToldFacts } from './states';
import { boundFacts } from './told-facts';
import type { UndeliveredRecord } from './undelivered';

/** A file may hold anything: an older version wrote it, or it came back damaged. */
type Raw = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

/** The furthest moment that a date can name, in milliseconds on either side of 1970 (ECMAScript 21.4.1.1). */
const FURTHEST = 8.64e15;

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
export const isTime: Check = (value) => typeof value === 'number' && Math.abs(value) <= FURTHEST;
const isValue: Check = (value) => isText(value) || isFlag(value) || Number.isFinite(value);
const isSeverity: Check = (value) => value === 'warning' || value === 'critical';
const isState: Check = (value) =>
  ['normal', 'pending', 'firing', 'recovering', 'nodata'].includes(value as string);
const isNumber: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;

const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const shaped =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(fields).every(([name, check]) => check((value as Raw)[name]));

const isAcked = maybe(
  shaped({ by: isText, at: isTime, until: maybe(isTime), note: maybe(isText), reactor: maybe(isText) }),
);
const alert = { id: isText, number: isNumber, startedAt: isTime, severity: isSeverity, acked: isAcked };
const isEpisode = shaped({
  ...alert,
  fired: isFlag,
  escalated: maybe(isFlag),
  expiredAt: maybe(isTime),
  peak: maybe(Number.isFinite),
  value: maybe(isValue),
  dependents: maybe(shaped({ count: isNumber, keys: listOf(isText) })),
});
const isPast = shaped({ ...alert, key: isText, endedAt: isTime, text: isText });
const isEnded = shaped({ at: isTime, value: maybe(isValue), reason: isText, peak: maybe(Number.isFinite) });
const isNotification = shaped({
  ...alert,
  state: (value) => value === 'firing' || value === 'nodata',
  at: isTime,
  text: isText,
  group: maybe(isText),
  flapping: maybe(isFlag),
  expiredAt: maybe(isTime),
  escalated: maybe(isFlag),
  dependents: maybe(shaped({ count: isNumber, at: isTime })),
  ended: maybe(isEnded),
});
const isLimits: Check = shaped(
  Object.fromEntries(limitFields('outside').map((field) => [field, maybe(isValue)])),
);
const isCheck: Check = (value) => (CHECKS as readonly unknown[]).includes(value);
const isDevice = shaped({ id: isText, name: isText, area: isText, family: isText });
const isSubject = shaped({
  check: isCheck,
  device: isDevice,
  isGateway: maybe(isFlag),
  behind: maybe(isText),
});
const isParent: Check = (value) => value === 'topic' || value === 'connection';
const isFacts = shaped({
  state: (value) => value === 'firing' || value === 'nodata',
  condition: (value) => CONDITIONS.some((one) => one === value),
  title: maybe(isText),
  value: maybe(isValue),
  unit: maybe(isText),
  limit: maybe(isValue),
  limit2: maybe(Number.isFinite),
  noDataAfter: maybe(isTime),
  is: maybe((value) => value === 'open' || value === 'closed'),
  parent: maybe(isParent),
  subject: maybe(shaped({ check: isCheck, device: shaped({ name: isText, area: isText }) })),
});
const isUsual = shaped({ longest: isTime, mean: isTime, count: isNumber, since: isTime, at: isTime });
const isKey = shaped({
  key: isText,
  state: isState,
  since: isTime,
  due: maybe(isTime),
  value: maybe(isValue),
  unit: maybe(isText),
  limits: maybe(isLimits),
  episode: maybe(isEpisode),
  told: maybe(isNotification),
  criticalSince: maybe(isTime),
  cooldownUntil: maybe(isTime),
  flapping: maybe(isFlag),
  changes: maybe(listOf(isTime)),
  silentFor: maybe(isTime),
  silent: maybe(isFlag),
  parent: maybe(isParent),
  heldFor: maybe(isText),
  subject: maybe(isSubject),
  usual: maybe(isUsual),
  noDataAfter: maybe(isTime),
  leaving: maybe(isFlag),
});
const isSilence = shaped({
  until: isTime,
  at: isTime,
  by: isText,
  key: maybe(isText),
  filter: maybe(isText),
  alertId: maybe(isText),
  reactor: maybe(isText),
});
const isLine = shaped({ id: isText, key: isText, text: isText, mark: isText, over: isFlag });
const isGroup = shaped({ id: isText, lines: listOf(isLine) });
const isMissed = shaped({ key: isText, from: isTime, to: isTime });
const isAway = shaped({ id: isText, since: isTime, text: isText });
const isKeyed = shaped({ by: isText, since: isTime });
const isOverride = shaped({ source: isLimits, over: isLimits });

const isEvent: Check = shaped({
  reason: isText,
  id: isText,
  number: isNumber,
  key: isText,
  state: isState,
  previous: isState,
  severity: isSeverity,
  value: maybe(isValue),
  unit: isText,
  limit: maybe(isValue),
  since: isTime,
  at: isTime,
  acked: isAcked,
  text: isText,
  replaces: maybe(isText),
  subject: maybe(isSubject),
  noDataAfter: maybe(isTime),
  alerts: maybe(listOf((value) => isEvent(value))),
});
const isUndelivered = shaped({ event: isEvent, fresh: isFlag });

/** A node of which nothing is known. */
export const NEW_NODE: NodeRecord = {
  enabled: true,
  quiet: false,
  silences: [],
  groups: [],
  missed: [],
  moreMissed: 0,
};

/** True if this is a key as it was written. Every field is checked here, because nothing behind it looks again. */
export function isKeyRecord(value: unknown): value is KeyRecord {
  return isKey(value);
}

export function isUndeliveredRecord(value: unknown): value is UndeliveredRecord {
  return isUndelivered(value);
}

export function isDays(value: unknown): value is DayNumber[] {
  return listOf(Number.isSafeInteger)(value);
}

export function isPastAlert(value: unknown): value is PastAlert {
  return isPast(value);
}

/** The same record without facts that are none: its text says it as well, and an alert must not be lost for them. */
export function withFitFacts<T extends { facts?: ToldFacts | undefined }>(record: T): T {
  const { facts, ...rest } = record;
  if (facts === undefined) return record;
  return { ...rest, ...(isFacts(facts) && { facts: boundFacts(facts) }) } as T;
}

/**
 * The stored state of the node; undefined: this is no such record. `bad` counts the parts that are skipped: one
 * unreadable silence costs no other.
 */
export function readNodeRecord(value: unknown): { node: NodeRecord; bad: number } | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const raw = value as Raw;
  let bad = 0;
  const list = <T>(name: string, check: Check): T[] => {
    const given = raw[name];
    if (!Array.isArray(given)) {
      bad += 1;
      return [];
    }
    const good = given.filter(check) as T[];
    bad += given.length - good.length;
    return good;
  };
  const one = <T>(name: string, check: Check): T | undefined => {
    const given = raw[name];
    if (given === undefined || check(given)) return given as T | undefined;
    bad += 1;
    return undefined;
  };
  const node: NodeRecord = {
    enabled: one<boolean>('enabled', isFlag) ?? NEW_NODE.enabled,
    quiet: one<boolean>('quiet', isFlag) ?? NEW_NODE.quiet,
    silences: list<Silence>('silences', isSilence),
    groups: list<NodeRecord['groups'][number]>('groups', isGroup),
    missed: list<Missed>('missed', isMissed),
    moreMissed: one<number>('moreMissed', isNumber) ?? 0,
    line: one<NonNullable<NodeRecord['line']>>('line', isAway),
    override: one<Override>('override', isOverride),
    digestDue: one<number>('digestDue', isTime),
    forgotten: one<string[]>('forgotten', listOf(isText)),
    keyed: one<Keyed>('keyed', isKeyed),
  };
  return { node, bad };
}
