import { get, post } from '../../../editor/admin-api';
import { el, icon } from '../../../editor/dom';
import { type Translate, visible } from '../../../editor/format';
import { alertCard, type CardActions, CardMemory, idOf } from './alerts/card';
import { PastList } from './alerts/past-list';
import { WatchedList } from './alerts/watched-list';
import { replaceKeepingFocus } from './alerts/ways';
import { note, whatFailed } from './notes';
import { Poll } from './poll';
import type { Alert, TopicPlace, Watched } from './rows';
import { drawSpark, type Sparkline, Sparklines } from './topics/sparklines';

const EVERY = 2_000;
const POINTS = 48;
/** Pauses in a line stay gaps from this long on, in milliseconds. */
const BRIDGE = 3_600_000;

interface AlertsAnswer {
  nodes: number;
  alerts: Alert[];
  /** Only if it was asked for. */
  watched?: { count: number; keys: Watched[] };
  now: number;
}

interface LinesAnswer {
  now: number;
  lines: { from: number; min: (number | null)[]; max: (number | null)[]; last: (number | null)[] }[];
}

/** The open alerts with what can be done about them, what is watched, and the alerts that are over. */
export class AlertsView {
  readonly element: HTMLElement;
  private readonly place = el('div', 'dxs-cards');
  private readonly watched: WatchedList;
  private readonly past: PastList;
  private readonly memory = new CardMemory();
  private readonly actions: CardActions;
  /** Asks only for the number, while another view is shown. */
  private isSlow = true;
  private readonly poll = new Poll(
    (signal) => get<AlertsAnswer>('dinox/alerts', this.isSlow ? {} : { all: 1 }, signal),
    (answer) => {
      this.counted(answer.alerts.filter((alert) => !alert.acked && !alert.silencedUntil).length);
      if (answer.watched) this.paint(answer, answer.watched);
    },
    (error) => this.explain('chain-broken', whatFailed(error, this.translate)),
  );
  private painted = '';
  /** The lines of the cards. The topic of one is the key of an alert, its field the node. */
  private readonly lines = new Sparklines(() => this.drawLines(), alertLines);
  private sparks: { spark: SVGSVGElement; alert: Alert }[] = [];

  constructor(
    private readonly translate: Translate,
    private readonly counted: (count: number) => void,
    openTopic: (place: TopicPlace) => void,
  ) {
    this.watched = new WatchedList(translate, openTopic);
    this.past = new PastList(translate, openTopic);
    this.actions = { openTopic, command: (alert, cmd, typed) => this.command(alert, cmd, typed) };
    this.element = el(
      'div',
      'dxs-view dxs-scroll dxs-alerts',
      { role: 'tabpanel', tabindex: '0' },
      this.place,
      this.watched.element,
      this.past.element,
    );
  }

  /** Asks while somebody looks; `slow`: only for the number, while another view is shown. */
  run(on: boolean, slow: boolean): void {
    this.isSlow = slow;
    if (!on || slow) this.lines.pause();
    this.poll.run(on ? (slow ? 5 * EVERY : EVERY) : 0);
  }

  private explain(symbol: string, text: string): void {
    if (this.painted === text) return;
    this.painted = text;
    this.sparks = [];
    replaceKeepingFocus(this.place, [
      el('div', 'dxs-empty', { role: 'status' }, icon(symbol), el('p', '', {}, text)),
    ]);
  }

  private paint({ nodes, alerts, now }: AlertsAnswer, watched: NonNullable<AlertsAnswer['watched']>): void {
    const { translate } = this;
    this.watched.show(watched, alerts.length === 0);
    if (nodes > 0) this.past.look(alerts.map(idOf));
    if (alerts.length === 0) {
      this.explain(
        nodes > 0 ? 'check-circle-o' : 'bell-o',
        translate(nodes > 0 ? 'alerts.none' : 'alerts.noNodes'),
      );
      return;
    }
    const painted = JSON.stringify([alerts, Math.floor(now / 10_000)]);
    if (painted === this.painted || this.isTyping) {
      this.drawLines();
      return;
    }
    this.painted = painted;
    this.memory.keep(new Set(alerts.map(idOf)));
    const cards = alerts.map((alert) => alertCard(alert, now, this.memory, translate, this.actions));
    this.sparks = cards.flatMap(({ spark }, i) => (alerts[i] ? [{ spark, alert: alerts[i] }] : []));
    replaceKeepingFocus(
      this.place,
      cards.map(({ element }) => element),
    );
    this.drawLines();
  }

  /** Draws what is known, and asks for what is missing. */
  private drawLines(): void {
    for (const { spark, alert } of this.sparks) {
      const line = this.lines.of(alert.key, alert.node)?.line;
      spark.toggleAttribute('hidden', !line || line.last.length === 0);
      drawSpark(spark, line, BRIDGE, false);
    }
  }

  /** True while somebody writes beside a button: a new list would take the field away. */
  private get isTyping(): boolean {
    const { activeElement } = document;
    return activeElement instanceof HTMLInputElement && this.place.contains(activeElement);
  }

  private async command(alert: Alert, cmd: string, typed: string | undefined): Promise<void> {
    try {
      const { node, id, key } = alert;
      const answer = await post<{ ok: boolean; text: string }>(`dinox/alerts/${encodeURIComponent(node)}`, {
        ...{ cmd, id, key },
        ...(typed !== undefined && { typed }),
      });
      if (answer.ok) this.memory.done(idOf(alert), cmd);
      else note(visible(answer.text, 500), 'error');
      void this.poll.again();
    } catch (error) {
      note(whatFailed(error, this.translate), 'error');
    }
  }
}

/** @param wanted keys as topics, nodes as fields */
async function alertLines(
  _broker: string,
  wanted: readonly { topic: string; field: string | undefined }[],
): Promise<(Sparkline | undefined)[]> {
  const { now, lines } = await post<LinesAnswer>('dinox/alerts/lines', {
    points: POINTS,
    wanted: wanted.map(({ topic, field }) => ({ key: topic, node: field })),
  });
  return wanted.map((_, i) => {
    const line = lines[i];
    return line && { ...line, part: (now - line.from) / Math.max(1, line.last.length) };
  });
}
