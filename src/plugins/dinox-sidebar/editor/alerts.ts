import { get, post } from '../../../editor/admin-api';
import { breakable, el, icon } from '../../../editor/dom';
import { age, number, type Translate, time, visible } from '../../../editor/format';
import { button } from './controls';
import { note, whatFailed } from './notes';
import { Poll } from './poll';
import type { Alert } from './rows';

const EVERY = 2_000;

interface AlertsAnswer {
  nodes: number;
  alerts: Alert[];
  now: number;
}

/** The open alerts, with buttons to acknowledge them. */
export class AlertsView {
  readonly element: HTMLElement;
  private readonly place = el('div', 'dxs-cards');
  private readonly poll = new Poll(
    (signal) => get<AlertsAnswer>('dinox/alerts', {}, signal),
    (answer) => {
      this.counted(answer.alerts.filter((alert) => !alert.acked && !alert.silencedUntil).length);
      this.paint(answer);
    },
    (error) => this.explain('chain-broken', whatFailed(error, this.translate)),
  );
  private painted = '';
  /** What is typed beside the buttons, by alert. */
  private readonly typed = new Map<string, string>();

  constructor(
    private readonly translate: Translate,
    private readonly counted: (count: number) => void,
  ) {
    this.element = el('div', 'dxs-view dxs-scroll', { role: 'tabpanel', tabindex: '0' }, this.place);
  }

  /** Asks while somebody looks; `slow`: only for the number, while another view is shown. */
  run(on: boolean, slow: boolean): void {
    this.poll.run(on ? (slow ? 5 * EVERY : EVERY) : 0);
  }

  private explain(symbol: string, text: string): void {
    if (this.painted === text) return;
    this.painted = text;
    this.place.replaceChildren(
      el('div', 'dxs-empty', { role: 'status' }, icon(symbol), el('p', '', {}, text)),
    );
  }

  private paint({ nodes, alerts, now }: AlertsAnswer): void {
    const { translate } = this;
    if (alerts.length === 0) {
      this.explain(
        nodes > 0 ? 'check-circle-o' : 'bell-o',
        translate(nodes > 0 ? 'alerts.none' : 'alerts.noNodes'),
      );
      return;
    }
    const painted = JSON.stringify([alerts, Math.floor(now / 10_000)]);
    if (painted === this.painted || this.isTyping) return;
    for (const id of this.typed.keys())
      if (!alerts.some((alert) => (alert.id ?? alert.key) === id && !alert.acked)) this.typed.delete(id);
    this.painted = painted;
    this.place.replaceChildren(...alerts.map((alert) => this.card(alert, now)));
  }

  /** True while somebody writes beside a button: a new list would take the field away. */
  private get isTyping(): boolean {
    const { activeElement } = document;
    return activeElement instanceof HTMLInputElement && this.place.contains(activeElement);
  }

  private card(alert: Alert, now: number): HTMLElement {
    const { translate } = this;
    const what = titleOf(alert, translate);
    const known = alert.acked !== undefined || alert.silencedUntil !== undefined;
    const flags = [
      visible(alert.name, 100),
      alert.acked ? ackedText(alert.acked, now, translate) : '',
      alert.silencedUntil ? translate('alerts.silenced', { time: time(alert.silencedUntil, now) }) : '',
      quietText(alert, now, translate),
    ];
    return el(
      'article',
      `dxs-alert ${alert.severity === 'critical' ? 'dxs-critical' : ''} ${known ? 'dxs-known' : ''}`,
      { 'aria-label': what },
      el(
        'header',
        '',
        {},
        icon(alert.state === 'nodata' ? 'question-circle' : 'bell'),
        el('h3', 'dxs-name', {}, ...breakable(what)),
        el('span', 'dxs-age', {}, age(now - (alert.startedAt ?? alert.since), translate)),
      ),
      el('p', 'dxs-reading', {}, ...reading(alert, translate)),
      el('p', 'dxs-facts', {}, flags.filter(Boolean).join(' · ')),
      el(
        'div',
        'dxs-bar',
        {},
        alert.acked
          ? this.command(alert, 'unack', 'undo', translate('alerts.unack'))
          : this.acknowledge(alert),
        alert.silencedUntil
          ? this.command(alert, 'unsilence', 'bell-o', translate('alerts.unsilence'))
          : this.command(alert, 'silence', 'bell-slash-o', translate('alerts.silence')),
        // A device that was removed would be missed for ever.
        ...(alert.subject ? [this.command(alert, 'forget', 'trash-o', translate('alerts.forget'))] : []),
      ),
    );
  }

  /** The button, and a field for a time and a note. */
  private acknowledge(alert: Alert): HTMLElement {
    const id = alert.id ?? alert.key;
    const input = el('input', 'dxs-input dxs-ack', {
      type: 'text',
      maxlength: '300',
      placeholder: this.translate('alerts.ackHint'),
      'aria-label': this.translate('alerts.ackNote'),
    });
    input.value = this.typed.get(id) ?? '';
    const press = this.command(alert, 'ack', 'check', this.translate('alerts.ack'), () => input.value);
    input.addEventListener('input', () => this.typed.set(id, input.value));
    input.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key !== 'Enter') return;
      input.blur();
      press.click();
    });
    return el('span', 'dxs-bar', {}, press, input);
  }

  private command(
    alert: Alert,
    cmd: string,
    symbol: string,
    text: string,
    typed?: () => string,
  ): HTMLElement {
    return button({ icon: symbol, text, class: 'dxs-text' }, async () => {
      try {
        const { id, key } = alert;
        const answer = await post<{ ok: boolean; text: string }>(
          `dinox/alerts/${encodeURIComponent(alert.node)}`,
          {
            cmd,
            id,
            key,
            ...(typed && { typed: typed() }),
          },
        );
        if (!answer.ok) note(visible(answer.text, 500), 'error');
        void this.poll.again();
      } catch (error) {
        note(whatFailed(error, this.translate), 'error');
      }
    });
  }
}

/** `Front door (Hall): battery`, or the key. */
function titleOf({ key, subject }: Alert, translate: Translate): string {
  if (!subject) return visible(key, 200);
  const { name, area } = subject.device;
  const room = area === '' ? '' : ` (${visible(area, 60)})`;
  return `${visible(name || key, 100)}${room}: ${translate(`alerts.check.${subject.check}`)}`;
}

/** Why nothing is sent, and until when; silences have a line of their own. */
function quietText({ quiet, flapping, heldBy }: Alert, now: number, translate: Translate): string {
  const plain = flapping ? translate('alerts.flapping') : '';
  if (!quiet || quiet.by === 'silence') return plain;
  if (heldBy) return translate('alerts.heldBy', { which: `#${heldBy.number} ${visible(heldBy.key, 60)}` });
  const why = translate(`alerts.quiet.${quiet.by}`);
  const said =
    quiet.until === null
      ? why
      : translate('alerts.quietUntil', { why, time: time(Date.parse(quiet.until), now) });
  return [quiet.by === 'flapping' ? '' : plain, said].filter(Boolean).join(' · ');
}

/** The line about an acknowledgement: its author, its end, its note. */
function ackedText(
  { by = '', until, note }: NonNullable<Alert['acked']>,
  now: number,
  translate: Translate,
): string {
  const name = visible(by, 60);
  const said =
    until === undefined
      ? translate('alerts.acked', { by: name })
      : translate('alerts.ackedUntil', { by: name, time: time(until, now) });
  return note ? `${said}: ${visible(note, 300)}` : said;
}

/** The value, and the limit that it passed. */
function reading({ value, unit = '', limit, state }: Alert, translate: Translate): HTMLElement[] {
  const text = (one: unknown): string =>
    typeof one === 'number' ? number(one) : visible(String(one ?? ''), 100);
  if (state === 'nodata' || value === undefined)
    return [el('span', 'dxs-value', {}, translate('alerts.nodata'))];
  return [
    el('span', 'dxs-value', {}, text(value)),
    el('span', 'dxs-unit', {}, visible(unit, 12)),
    ...(limit === undefined
      ? []
      : [el('span', 'dxs-unit', {}, translate('alerts.limit', { limit: text(limit) }))]),
  ];
}
