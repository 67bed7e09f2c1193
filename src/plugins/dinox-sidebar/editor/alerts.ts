import { type Asked, get, post } from './api';
import { button, el, icon } from './dom';
import { age, number, type Say, visible } from './format';
import { note, whatFailed } from './notes';
import type { Alert } from './rows';

const EVERY = 2_000;

interface AlertsAnswer {
  nodes: number;
  alerts: Alert[];
  now: number;
}

/** What is wrong at home, with the buttons to say that one knows. */
export class AlertsView {
  readonly element: HTMLElement;
  private readonly place = el('div', 'dxs-cards');
  private asked: Asked<AlertsAnswer> | undefined;
  private timer: number | undefined;
  private running = false;
  private slow = false;
  private painted = '';

  constructor(
    private readonly say: Say,
    private readonly counted: (count: number) => void,
  ) {
    this.element = el('div', 'dxs-view dxs-scroll', { role: 'tabpanel', tabindex: '0' }, this.place);
  }

  run(on: boolean, slow: boolean): void {
    const was = this.running && this.slow === slow;
    this.slow = slow;
    if (on && was) return;
    this.running = on;
    window.clearTimeout(this.timer);
    this.asked?.abort();
    if (on) void this.ask();
  }

  private async ask(): Promise<void> {
    window.clearTimeout(this.timer);
    const asked = get<AlertsAnswer>('dinox/alerts');
    this.asked = asked;
    try {
      const answer = await asked.answer;
      if (this.asked !== asked) return;
      this.counted(answer.alerts.filter((alert) => !alert.acked && !alert.silenced).length);
      this.paint(answer);
    } catch (error) {
      if (this.asked !== asked) return;
      this.explain('chain-broken', whatFailed(error, this.say));
    }
    if (this.running) this.timer = window.setTimeout(() => void this.ask(), this.slow ? 5 * EVERY : EVERY);
  }

  private explain(symbol: string, text: string): void {
    if (this.painted === text) return;
    this.painted = text;
    this.place.replaceChildren(
      el('div', 'dxs-empty', { role: 'status' }, icon(symbol), el('p', '', {}, text)),
    );
  }

  private paint({ nodes, alerts, now }: AlertsAnswer): void {
    const { say } = this;
    if (alerts.length === 0) {
      this.explain(
        nodes > 0 ? 'check-circle-o' : 'bell-o',
        say(nodes > 0 ? 'alerts.none' : 'alerts.noNodes'),
      );
      return;
    }
    const painted = JSON.stringify([alerts, Math.floor(now / 10_000)]);
    if (painted === this.painted) return;
    this.painted = painted;
    this.place.replaceChildren(...alerts.map((alert) => this.card(alert, now)));
  }

  private card(alert: Alert, now: number): HTMLElement {
    const { say } = this;
    const state = alert.state ?? 'firing';
    const since = typeof alert.since === 'number' ? alert.since : Date.parse(alert.since ?? '');
    const flags = [
      alert.acked ? say('alerts.acked') : '',
      alert.silenced ? say('alerts.silenced') : '',
      alert.flapping ? say('alerts.flapping') : '',
    ].filter(Boolean);
    const what = visible(alert.key ?? '', 200);
    return el(
      'article',
      `dxs-alert ${alert.severity === 'critical' ? 'dxs-critical' : ''} ${flags.length > 0 ? 'dxs-known' : ''}`,
      { 'aria-label': what },
      el(
        'header',
        '',
        {},
        icon(state === 'nodata' ? 'question-circle' : 'bell'),
        el('h3', 'dxs-name', {}, what),
        el('span', 'dxs-age', {}, Number.isFinite(since) ? age(now - since, say) : ''),
      ),
      el('p', '', {}, visible(alert.text ?? sentence(alert), 400)),
      el('p', 'dxs-facts', {}, [visible(alert.name, 100), ...flags].filter(Boolean).join(' · ')),
      el(
        'div',
        'dxs-bar',
        {},
        alert.acked ? undefined : this.command(alert, 'ack', 'check', say('alerts.ack')),
        alert.silenced
          ? this.command(alert, 'unsilence', 'bell-o', say('alerts.unsilence'))
          : this.command(alert, 'silence', 'bell-slash-o', say('alerts.silence'), '1h'),
      ),
    );
  }

  private command(alert: Alert, cmd: string, symbol: string, text: string, forTime?: string): HTMLElement {
    return button({ icon: symbol, text, class: 'dxs-text' }, async () => {
      try {
        const { id, key } = alert;
        await post(`dinox/alerts/${encodeURIComponent(alert.node)}`, { cmd, id, key, for: forTime });
        void this.ask();
      } catch (error) {
        note(whatFailed(error, this.say), 'error');
      }
    });
  }
}

/** `31.2 (25)`, where the alert has no words of its own. */
function sentence({ value, limit }: Alert): string {
  const text = (one: unknown): string => (typeof one === 'number' ? number(one) : String(one ?? ''));
  return limit === undefined ? text(value) : `${text(value)} (${text(limit)})`;
}
