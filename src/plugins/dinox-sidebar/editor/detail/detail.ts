import { breakable, el, icon, setText, toggle } from '../../../../editor/dom';
import { age, bytes, type Translate, visible } from '../../../../editor/format';
import { button, select } from '../controls';
import { note } from '../notes';
import type { Preferences } from '../prefs';
import { red } from '../red';
import { ageOf, bridgeOf, isStale, type Row, rateOf } from '../rows';
import type { Feed } from '../topics/feed';
import { chartField, nameOfField, stateOf, valueOfRow } from '../topics/row-painter';
import { AlertForm } from './alert-form';
import { ChartPanel } from './chart-panel';
import { canAlert, otherMqttIn, placeMqttIn } from './flow-nodes';
import { canForward, forwardToChat } from './forward';
import { MessagesView } from './messages';
import { PayloadView } from './payload-view';
import { publishForm } from './publish';

export interface DetailActions {
  close(): void;
  clear(topic: string): void;
  /** Shows a chart in the largest room. */
  enlarge(panel: HTMLElement, done: () => void): void;
}

/** One topic: its value, its day, and its actions. */
export class Detail {
  readonly element: HTMLElement;
  private readonly value = el('span', 'dxs-value');
  private readonly unit = el('span', 'dxs-unit');
  private readonly facts = el('p', 'dxs-facts');
  private readonly body = el('div', 'dxs-detail-body');
  private readonly payload: PayloadView;
  private readonly chart: ChartPanel;
  private readonly chartPlace = el('div');
  private readonly alert: AlertForm;
  private readonly messages: MessagesView;
  private readonly fieldPlace = el('span');
  private readonly pinButton: HTMLButtonElement;
  private readonly clearButton: HTMLButtonElement;
  private readonly publishPlace = el('details', 'dxs-more dxs-publish');
  private row: Row | undefined;
  private fields = '';
  private other = '';

  constructor(
    private readonly topic: string,
    private readonly feed: Feed,
    private readonly prefs: Preferences,
    private readonly translate: Translate,
    private readonly actions: DetailActions,
  ) {
    this.payload = new PayloadView(translate, {
      chart: (field) => this.showField(field),
      copy: (text) => this.copyText(text),
    });
    const enlarge = button({ icon: 'expand', label: translate('chart.enlarge') }, () => this.enlarge());
    this.chart = new ChartPanel(
      translate,
      (value) => canAlert() && this.alert.pick(value),
      [enlarge],
      () => this.chartHeight,
    );
    this.pinButton = button({ icon: 'thumb-tack', label: translate('detail.pin') }, () => this.pin());
    this.clearButton = button({ icon: 'eraser', label: translate('clear.one') }, () => actions.clear(topic));
    this.alert = new AlertForm(
      translate,
      () => this.watched,
      () => ({ broker: feed.brokerId, topic: this.flowTopic() }),
      (limit) => this.chart.setLimit(limit),
    );
    this.messages = new MessagesView(
      () => feed.brokerId,
      topic,
      translate,
      (text) => this.copyText(text),
    );
    this.element = el(
      'div',
      'dxs-view dxs-detail',
      { role: 'region', 'aria-label': visible(topic, 120) },
      this.head(),
      this.body,
    );
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      actions.close();
    });
    this.fill();
    this.update();
  }

  private chartHeight = 180;

  /** Shows news of this topic. */
  update(): void {
    const row = this.feed.rows.get(this.topic);
    if (!row) return;
    const first = this.row === undefined;
    this.row = row;
    const { translate, feed } = this;
    const picked = this.prefs.fieldOf(feed.brokerId, this.topic);
    const name = feed.names.get(this.topic);
    const state = picked === undefined ? stateOf(row, translate) : undefined;
    const { text, unit } = valueOfRow(row, chartField(row, picked), translate, name);
    setText(this.value, state ?? text);
    setText(this.unit, state === undefined ? unit : '');
    toggle(this.element, 'dxs-old', isStale(row, feed.now));
    const rate = rateOf(row, feed.now);
    const facts = [
      visible(nameOfField(name, picked)?.name ?? name?.name ?? '', 120),
      row.at === 0 ? translate('age.unknown') : age(ageOf(row, feed.now), translate),
      row.retained ? translate('mark.retained') : '',
      translate('detail.qos', { n: row.qos }),
      bytes(row.bytes),
      rate > 0 ? translate('detail.rate', { n: rate }) : '',
      isStale(row, feed.now) ? translate('mark.stale', { every: age(row.every, translate) }) : '',
    ];
    setText(this.facts, facts.filter(Boolean).join(' · '));
    toggle(this.pinButton, 'dxs-on', this.prefs.pinsOf(feed.brokerId).has(this.topic));
    // What is disabled loses the keyboard, which may be there since the question was answered.
    if (!row.retained && document.activeElement === this.clearButton)
      (this.clearButton.previousElementSibling as HTMLElement | null)?.focus();
    this.clearButton.disabled = !row.retained;
    this.offerFields(row);
    void this.payload.show(feed.brokerId, row);
    if (first) this.showChart();
  }

  /** Follows new values while somebody looks. */
  run(on: boolean): void {
    this.chart.follow(on);
    this.messages.run(on);
  }

  destroy(): void {
    this.messages.run(false);
    this.chart.destroy();
  }

  focus(): void {
    this.element.querySelector<HTMLElement>('button')?.focus();
  }

  private head(): HTMLElement {
    const { translate, topic } = this;
    const slash = topic.lastIndexOf('/');
    return el(
      'div',
      'dxs-detail-head',
      {},
      button({ icon: 'arrow-left', label: translate('detail.back') }, () => this.actions.close()),
      el(
        'div',
        'dxs-title',
        { title: visible(topic) },
        el('h3', 'dxs-name', {}, visible(topic.slice(slash + 1) || '/', 200)),
        el('span', 'dxs-path', {}, ...breakable(visible(slash < 0 ? '' : topic.slice(0, slash), 300))),
      ),
      button({ icon: 'clone', label: translate('copy.topic') }, () => this.copyText(topic)),
      this.pinButton,
    );
  }

  private fill(): void {
    const { translate } = this;
    this.publishPlace.append(el('summary', '', {}, icon('paper-plane-o'), translate('publish.label')));
    this.publishPlace.addEventListener('toggle', () => {
      if (this.publishPlace.childElementCount > 1) return;
      this.publishPlace.append(publishForm(translate, this.prefs, () => this.feed.brokerId, this.topic));
    });
    this.chartPlace.append(this.chart.element);
    this.body.append(
      el(
        'div',
        'dxs-reading dxs-large',
        { role: 'status', 'aria-live': 'off' },
        this.value,
        this.unit,
        this.fieldPlace,
      ),
      this.facts,
      this.chartPlace,
      el(
        'div',
        'dxs-bar dxs-actions',
        {},
        button({ icon: 'sign-in', text: translate('detail.copy'), title: translate('detail.copyHelp') }, () =>
          this.copy(),
        ),
        canAlert()
          ? button({ icon: 'bell-o', text: translate('alert.make') }, () => this.alert.toggle())
          : undefined,
        canForward()
          ? button(
              { icon: 'comments-o', text: translate('forward.make'), title: translate('forward.help') },
              () => this.forward(),
            )
          : undefined,
        this.clearButton,
      ),
      this.alert.element,
      this.payload.element,
      this.messages.element,
      this.publishPlace,
      this.compare(),
    );
  }

  private offerFields(row: Row): void {
    const names = Object.keys(row.fields ?? {});
    const key = names.join('\0');
    if (key === this.fields) return;
    this.fields = key;
    this.fieldPlace.replaceChildren();
    if (names.length === 0) return;
    const broker = this.feed.brokerId;
    const choices = [
      ['', this.translate('detail.wholeJson')] as const,
      ...names.map((name) => [name, visible(name, 40)] as const),
    ];
    const list = select(
      this.translate('detail.field'),
      choices,
      this.prefs.fieldOf(broker, this.topic) ?? '',
      (field) => {
        this.prefs.setField(broker, this.topic, field);
        this.update();
        this.showChart();
      },
    );
    this.fieldPlace.append(list);
    this.showChart();
  }

  private showChart(): void {
    const { row } = this;
    if (!row) return;
    const broker = this.feed.brokerId;
    const field = chartField(row, this.prefs.fieldOf(broker, this.topic));
    const has = row.number !== undefined || field !== undefined;
    this.chartPlace.hidden = !has;
    if (!has) return;
    const unitOf = (one: Row, of: string | undefined): string =>
      valueOfRow(one, of, this.translate, this.feed.names.get(one.topic)).unit;
    const wanted = [{ topic: this.topic, field, bridge: bridgeOf(row), unit: unitOf(row, field) }];
    const other = this.feed.rows.get(this.other);
    if (other) {
      const compared = chartField(other, this.prefs.fieldOf(broker, other.topic));
      wanted.push({
        topic: other.topic,
        field: compared,
        bridge: bridgeOf(other),
        unit: unitOf(other, compared),
      });
    }
    this.chart.show(broker, wanted);
  }

  /** A field for the name of a second topic in the same chart. */
  private compare(): HTMLElement {
    const list = el('datalist', '', { id: 'dinox-sidebar-compare' });
    const input = el('input', 'dxs-input', {
      type: 'text',
      list: list.id,
      placeholder: this.translate('chart.compare'),
      'aria-label': this.translate('chart.compare'),
      autocomplete: 'off',
    });
    input.addEventListener('focus', () => {
      const charted = [...this.feed.rows.values()].filter(
        (row) => row.topic !== this.topic && (row.number !== undefined || row.fields),
      );
      list.replaceChildren(...charted.slice(0, 500).map(({ topic }) => el('option', '', { value: topic })));
    });
    input.addEventListener('input', () => {
      this.other = input.value;
      this.showChart();
    });
    input.addEventListener('keydown', (event) => event.key !== 'Escape' && event.stopPropagation());
    return el('div', 'dxs-bar', {}, icon('exchange'), input, list);
  }

  private enlarge(): void {
    this.chartHeight = Math.max(220, Math.round(window.innerHeight * 0.6));
    const place = el('div', 'dxs-large-chart', {}, this.chart.element);
    const { element } = this.alert;
    const before = element.nextSibling;
    const was = element.hidden;
    if (this.canLimit) {
      place.append(element);
      if (was) this.alert.toggle();
    }
    this.actions.enlarge(place, () => {
      this.chartHeight = 180;
      this.chartPlace.append(this.chart.element);
      this.body.insertBefore(element, before);
      if (was && !element.hidden) this.alert.toggle();
      this.showChart();
    });
  }

  /** What an alert would watch. */
  private get watched() {
    const { row, feed, topic } = this;
    if (!row) return undefined;
    const field = chartField(row, this.prefs.fieldOf(feed.brokerId, topic));
    const called = feed.names.get(topic);
    const name = nameOfField(called, field)?.name ?? called?.name ?? '';
    return { row, field, name, unit: valueOfRow(row, field, this.translate, called).unit, now: feed.now };
  }

  /** Shows a number of the JSON, and its chart. */
  private showField(field: string): void {
    this.prefs.setField(this.feed.brokerId, this.topic, field);
    const list = this.fieldPlace.querySelector('select');
    if (list) list.value = field;
    this.update();
    this.showChart();
    this.chartPlace.scrollIntoView({ block: 'nearest' });
  }

  private copyText(text: string): void {
    if (red().clipboard.copyText(text)) note(this.translate('copy.done'));
  }

  private pin(): void {
    this.prefs.togglePin(this.feed.brokerId, this.topic);
    this.update();
  }

  private copy(): void {
    placeMqttIn(this.feed.brokerId, this.flowTopic());
  }

  private forward(): void {
    const why = forwardToChat(this.feed.brokerId, this.payload.filterOf(this.topic));
    if (why) note(this.translate(`forward.${why}`), 'warning');
  }

  /** The topic as a flow names it. Tells if another node of the flows names it differently. */
  private flowTopic(): string {
    const { topic } = this;
    const filter = this.payload.filterOf(topic);
    const other = filter === topic ? undefined : otherMqttIn(this.feed.brokerId, topic, filter);
    if (other !== undefined)
      note(this.translate('detail.typedOther', { topic: visible(other, 200) }), 'warning');
    return filter;
  }

  /** True if there is a number that may pass a limit, and `dinox-alert` is installed. */
  private get canLimit(): boolean {
    return canAlert() && !this.chartPlace.hidden;
  }
}
