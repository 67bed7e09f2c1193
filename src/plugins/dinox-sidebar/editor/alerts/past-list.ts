import { get } from '../../../../editor/admin-api';
import { breakable, el } from '../../../../editor/dom';
import { age, type Translate, time, visible } from '../../../../editor/format';
import { button } from '../controls';
import { whatFailed } from '../notes';
import type { PastAlert, TopicPlace } from '../rows';
import { ackedText } from './card';
import { replaceKeepingFocus, waysTo } from './ways';
import { pastWords } from './words';

interface PastAnswer {
  count: number;
  alerts: PastAlert[];
  now: number;
}

const FIRST = 20;
const MORE = 80;
/** As many as the route gives. */
const MOST = 500;

/** The alerts that are over, the last to end first; asked for while the list is open. */
export class PastList {
  readonly element = el('details', 'dxs-more dxs-past');
  private readonly list = el('ul', 'dxs-rows');
  private readonly said = el('p', 'dxs-facts', { role: 'status' });
  private readonly more: HTMLButtonElement;
  private most = FIRST;
  /** The alerts that were open at the last look: when one has ended, there is news. */
  private open = '';
  private asked = 0;

  constructor(
    private readonly translate: Translate,
    private readonly openTopic: (place: TopicPlace) => void,
  ) {
    this.more = button({ text: translate('alerts.pastMore'), class: 'dxs-text' }, () => {
      this.most = Math.min(MOST, this.most + MORE);
      void this.ask();
    });
    this.more.hidden = true;
    this.element.append(el('summary', '', {}, translate('alerts.past')), this.list, this.said, this.more);
    this.element.hidden = true;
    this.element.addEventListener('toggle', () => this.element.open && void this.ask());
  }

  /** @param open the alerts that are open now */
  look(open: readonly string[]): void {
    this.element.hidden = false;
    const now = [...open].sort().join('\n');
    if (now === this.open) return;
    this.open = now;
    if (this.element.open) void this.ask();
  }

  private async ask(): Promise<void> {
    this.asked += 1;
    const { asked } = this;
    try {
      const answer = await get<PastAnswer>('dinox/alerts/past', { most: this.most });
      if (asked === this.asked) this.paint(answer);
    } catch (error) {
      if (asked === this.asked) this.said.textContent = whatFailed(error, this.translate);
    }
  }

  private paint({ count, alerts, now }: PastAnswer): void {
    const { translate } = this;
    this.said.textContent = count === 0 ? translate('alerts.pastNone') : '';
    const hadFocus = document.activeElement === this.more;
    this.more.hidden = alerts.length >= Math.min(count, MOST);
    const before = this.list.children.length;
    replaceKeepingFocus(
      this.list,
      alerts.map((alert) => this.row(alert, now)),
    );
    // The keyboard goes on with the first of what came.
    if (hadFocus && this.more.hidden)
      this.list.children[before]?.querySelector<HTMLElement>('[data-act]')?.focus();
  }

  private row(alert: PastAlert, now: number): HTMLElement {
    const { translate } = this;
    const { id, node, name, since, until, acked, severity } = alert;
    const from = Date.parse(since);
    const to = Date.parse(until ?? '') || from;
    const facts = [
      translate('alerts.pastTime', {
        from: time(from, now),
        to: time(to, now),
        // *now* is no duration.
        for: to - from < 2_000 ? translate('age.s', { n: 1 }) : age(to - from, translate),
      }),
      visible(name, 100),
      acked
        ? ackedText(
            {
              by: acked.by,
              ...(acked.until !== null && { until: Date.parse(acked.until) }),
              ...(acked.note !== null && { note: acked.note }),
            },
            now,
            translate,
          )
        : '',
    ];
    return el(
      'li',
      `dxs-row ${severity === 'critical' ? 'dxs-critical' : ''}`,
      { 'data-about': `${node} ${id}` },
      el(
        'div',
        'dxs-row-words',
        {},
        el('p', 'dxs-name', {}, ...breakable(pastWords(alert, translate))),
        el('p', 'dxs-facts', {}, facts.filter(Boolean).join(' · ')),
      ),
      ...waysTo(alert, translate, this.openTopic),
    );
  }
}
