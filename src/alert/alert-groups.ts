import { type AlertLine, type AlertText, extended, showLine } from './alert-text';
import type { KeyEntry } from './keys';
import type { Missed, Texts } from './message-texts';
import type { AlertEvent, Notification } from './states';

/** One message for several alerts, and what it says now. */
export interface AlertGroup {
  id: string;
  lines: { id: string; key: string; text: AlertLine; mark: string; over: boolean }[];
}

/** Messages for several alerts that are kept in mind, so that they can be brought up to date. */
const MAX_GROUPS = 50;
/** Lines of one message; a phone shows no more. */
const MAX_LINES = 30;

const NONE: readonly AlertEvent[] = [];

/** Messages for several alerts. */
export class AlertGroups {
  list: AlertGroup[] = [];

  constructor(
    private readonly words: Texts,
    private readonly newId: () => string,
  ) {}

  /** The open alerts that a message stands for. */
  membersOf(groupId: string): string[] {
    return this.list.find(({ id }) => id === groupId)?.lines.map(({ id }) => id) ?? [];
  }

  /** Brings the message for several alerts up to date, if this alert is in one: then the event is about that message. */
  update(event: AlertEvent, notified: Notification, mark: string, isOver: boolean): void {
    const group =
      notified.group === undefined ? undefined : this.list.find(({ id }) => id === notified.group);
    const line = group?.lines.find(({ id }) => id === notified.id);
    if (!group || !line) return;
    line.mark = mark;
    line.over = isOver;
    event.replaces = group.id;
    event.text = this.groupText(group, [], 0);
    if (group.lines.every(({ over }) => over)) this.list = this.list.filter((one) => one !== group);
  }

  /**
   * One message for several events; a single one stays as it is.
   * @param entries the keys whose alerts may be among them
   * @param more alerts that are not among `missed`, as there were too many
   */
  bundle(
    entries: readonly KeyEntry[],
    events: AlertEvent[],
    missed: readonly Missed[],
    more: number,
    now: number,
  ): readonly AlertEvent[] {
    const [first] = events;
    if (events.length + missed.length === 0) return NONE;
    if (events.length === 1 && missed.length === 0) return events;
    const id = this.newId();
    const group: AlertGroup = { id, lines: [] };
    for (const event of events.slice(0, MAX_LINES)) {
      const [line = '', ...rest] = event.text;
      const over = event.state === 'normal';
      group.lines.push({
        id: event.id,
        key: event.key,
        text: line,
        mark: over ? showLine(rest.at(-1) ?? '') : '',
        over,
      });
    }
    this.list.push(group);
    if (this.list.length > MAX_GROUPS) this.list.shift();
    for (const { notified } of entries)
      if (notified && group.lines.some(({ id: one }) => one === notified.id)) notified.group = id;
    const open = events.filter(({ state }) => state !== 'normal');
    const worst = open.find(({ severity }) => severity === 'critical') ?? open[0] ?? first;
    const bundle: AlertEvent = {
      reason: worst?.reason ?? 'cleared',
      id,
      number: 0,
      key: '',
      state: worst?.state ?? 'normal',
      previous: worst?.previous ?? 'normal',
      severity: worst?.severity ?? 'warning',
      value: undefined,
      unit: '',
      limit: worst?.limit,
      since: Math.min(...events.map(({ since }) => since), ...missed.map(({ from }) => from)),
      at: now,
      acked: undefined,
      text: this.groupText(group, missed, more + Math.max(0, events.length - MAX_LINES)),
      replaces: undefined,
      alerts: events,
    };
    return [bundle];
  }

  private groupText(group: AlertGroup, missed: readonly Missed[], more: number): AlertText {
    const lines = group.lines.map(({ text, mark }) => (mark === '' ? text : extended(text, ` · ${mark}`)));
    return this.words.group(lines, missed, more);
  }
}
