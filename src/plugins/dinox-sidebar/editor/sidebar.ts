import './sidebar.css';
import { breakable, el, icon, setAttribute, setText, toggle } from '../../../editor/dom';
import { type Translate, visible } from '../../../editor/format';
import { AlertsView } from './alerts';
import { ConnectionsView } from './connections/connections';
import { button } from './controls';
import { Detail } from './detail/detail';
import { publishForm } from './detail/publish';
import { DevicesView } from './devices/devices-view';
import { isBrokerComing } from './empty-state';
import { FirstAlert } from './first-alert/guide';
import { Menu, menuChoice, menuItem } from './menu';
import { Preferences } from './prefs';
import { red } from './red';
import type { ConnectionView } from './rows';
import { clearRetained } from './topics/clear-retained';
import { Feed } from './topics/feed';
import { TopicsView } from './topics/topics-view';

type ViewName = 'topics' | 'devices' | 'connections' | 'alerts';
const VIEWS: readonly (readonly [ViewName, string])[] = [
  ['topics', 'list-ul'],
  ['devices', 'cubes'],
  ['connections', 'plug'],
  ['alerts', 'bell-o'],
];

/** A tab below this height, in pixels, does without what can be missed. Node-RED 5 stacks two tabs. */
const LOW = 420;

/** The tab with its connection and view. Asks nothing while nobody looks. */
export class Sidebar {
  readonly element: HTMLElement;
  private readonly prefs = new Preferences();
  private readonly feed: Feed;
  private readonly topics: TopicsView;
  private readonly devices: DevicesView;
  private readonly connections: ConnectionsView;
  private readonly alerts: AlertsView;
  private readonly brokerSelect = el('select', 'dxs-select dxs-broker');
  private readonly tabs = new Map<ViewName, HTMLButtonElement>();
  private readonly badge = el('span', 'dxs-badge');
  private readonly menu: Menu;
  /** The way to the guide, while there is no alert. */
  private readonly start: HTMLButtonElement;
  private readonly brokerChoice: HTMLElement;
  private readonly stage = el('div', 'dxs-stage');
  private detail: Detail | undefined;
  private guide: FirstAlert | undefined;
  private view: ViewName = 'topics';
  private isSeen = false;
  private brokers = '';

  constructor(private readonly translate: Translate) {
    this.feed = new Feed((topics) => this.fed(topics));
    this.topics = new TopicsView(this.feed, this.prefs, translate, {
      open: (topic) => this.openDetail(topic),
      publish: () => this.openPublish(),
      clear: (topics) => clearRetained(translate, this.feed.brokerId, topics),
      openBroker: () => this.show('connections'),
      begin: () => this.openGuide(),
    });
    this.devices = new DevicesView(this.feed, this.topics.sparks, translate, {
      open: (topic, field) => this.openField(topic, field),
      openBroker: () => this.show('connections'),
    });
    this.connections = new ConnectionsView(translate, (connections) => this.listBrokers(connections));
    this.alerts = new AlertsView(
      translate,
      (count) => this.count(count),
      ({ broker, topic, field }) => {
        if (broker !== this.feed.brokerId) this.choose(broker);
        this.openField(topic, field);
      },
    );
    setAttribute(this.brokerSelect, 'aria-label', translate('broker.label'));
    this.brokerSelect.addEventListener('change', () => this.choose(this.brokerSelect.value));
    this.brokerChoice = menuChoice(translate('broker.label'), this.brokerSelect);
    this.start = button(
      { icon: 'magic', text: translate('guide.title'), title: translate('guide.help'), class: 'dxs-start' },
      () => this.openGuide(),
    );
    this.menu = new Menu(
      translate('menu'),
      menuItem('magic', translate('guide.title'), () => this.openGuide()),
      this.brokerChoice,
      this.topics.menu.element,
      this.topics.menu.danger,
    );
    // What is chosen from a list stays open to choose more; what is pressed has been done.
    this.menu.panel.addEventListener('click', ({ target }) => {
      if (target instanceof Element && target.closest('button')) this.menu.open(false);
    });
    this.element = el('div', 'dinox-sidebar', {}, this.head(), this.stage);
    this.stage.append(...this.views.map(([, { element }]) => element));
    this.show('topics');
    new IntersectionObserver((entries) => {
      this.isSeen = entries.some(({ isIntersecting }) => isIntersecting);
      this.run();
    }).observe(this.element);
    new ResizeObserver(([size]) =>
      toggle(this.element, 'dxs-low', (size?.contentRect.height ?? LOW) < LOW),
    ).observe(this.element);
    document.addEventListener('visibilitychange', () => this.run());
    for (const event of ['nodes:add', 'nodes:remove', 'flows:loaded', 'workspace:clear'])
      red().events.on(event, () => this.offerStart());
    this.offerStart();
    // After a deploy there may be other brokers.
    red().events.on('deploy', () => this.run(true));
  }

  show(view: ViewName): void {
    this.view = view;
    this.closeGuide();
    this.closeDetail();
    for (const [name, tab] of this.tabs) {
      setAttribute(tab, 'aria-selected', String(name === view));
      tab.tabIndex = name === view ? 0 : -1;
      toggle(tab, 'dxs-on', name === view);
    }
    this.topics.tools.hidden = view !== 'topics';
    this.devices.tools.hidden = view !== 'devices';
    this.topics.menu.element.hidden = view !== 'topics';
    this.topics.menu.danger.hidden = view !== 'topics';
    this.showView();
    this.run();
  }

  /** Offers the guide in the toolbar until there is an alert; then it is in the menu only. */
  private offerStart(): void {
    this.start.hidden = red().nodes.filterNodes({ type: 'dinox-alert' }).length > 0;
  }

  /** The views by name. */
  private get views() {
    const { topics, devices, connections, alerts } = this;
    return Object.entries({ topics, devices, connections, alerts }) as [ViewName, { element: HTMLElement }][];
  }

  /** Shows the chosen view, unless a topic lies above it. */
  private showView(): void {
    for (const [name, { element }] of this.views) element.hidden = name !== this.view || !!this.detail;
    toggle(this.element, 'dxs-deep', !!this.detail);
  }

  private head(): HTMLElement {
    const tabs = el('div', 'dxs-tabs', { role: 'tablist', 'aria-label': this.translate('views') });
    for (const [name, symbol] of VIEWS) {
      const tab = el(
        'button',
        'dxs-tab',
        {
          type: 'button',
          role: 'tab',
          id: `dinox-sidebar-tab-${name}`,
          'aria-controls': `dinox-sidebar-${name}`,
          'aria-label': this.translate(`view.${name}`),
          title: this.translate(`view.${name}`),
        },
        icon(symbol),
        el('span', 'dxs-tab-word', {}, this.translate(`view.${name}`)),
        name === 'alerts' ? this.badge : undefined,
      );
      tab.addEventListener('click', () => this.show(name));
      this.tabs.set(name, tab);
      tabs.append(tab);
    }
    for (const [name, { element }] of this.views) {
      element.id = `dinox-sidebar-${name}`;
      setAttribute(element, 'aria-labelledby', `dinox-sidebar-tab-${name}`);
    }
    tabs.addEventListener('keydown', (event) => this.tabKey(event));
    this.badge.hidden = true;
    return el(
      'div',
      'dxs-head',
      {},
      tabs,
      this.topics.tools,
      this.devices.tools,
      this.start,
      this.menu.button,
      this.menu.panel,
    );
  }

  /** Brings the keyboard here, unless it is here already. */
  focus(): void {
    if (this.element.contains(document.activeElement)) return;
    if (this.guide) this.guide.focus();
    else if (this.detail) this.detail.focus();
    else this.tabs.get(this.view)?.focus();
  }

  /** Opens *DinoX: first alert*. */
  openGuide(): void {
    this.closeDetail();
    if (!this.guide) {
      this.guide = new FirstAlert(this.translate, () => this.closeGuide());
      this.stage.append(this.guide.element);
      this.hideViews(true);
    }
    this.run();
    this.guide.focus();
  }

  private closeGuide(): void {
    if (!this.guide) return;
    this.guide.destroy();
    this.guide.element.remove();
    this.guide = undefined;
    this.hideViews(false);
    this.show(this.view);
    this.tabs.get(this.view)?.focus();
  }

  /** Gives the guide the whole tab, which Node-RED 5 makes low. The keyboard does not reach the views below. */
  private hideViews(on: boolean): void {
    const head = this.element.firstElementChild;
    if (head instanceof HTMLElement) head.hidden = on;
    for (const [, { element }] of this.views) element.inert = on;
  }

  private tabKey(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const names = VIEWS.map(([name]) => name);
    const next = names[(names.indexOf(this.view) + step + names.length) % names.length] ?? 'topics';
    this.show(next);
    this.tabs.get(next)?.focus();
  }

  /** Asks only for the visible view. */
  private run(anew = false): void {
    const on = this.isSeen && !document.hidden;
    const hasTopics = this.view === 'topics' || this.view === 'devices';
    this.feed.run(on && (hasTopics || !!this.detail) && !this.guide);
    this.devices.run(on && this.view === 'devices' && !this.guide);
    this.connections.run(on, this.view !== 'connections');
    if (anew) void this.connections.again();
    this.alerts.run(on, this.view !== 'alerts');
    this.detail?.run(on);
    this.guide?.run(on);
    if (!on) this.topics.sparks.pause();
    else if (anew) this.feed.again();
  }

  private fed(topics: ReadonlySet<string> | undefined): void {
    this.topics.update(topics === undefined);
    this.devices.update();
    this.detail?.update();
  }

  private listBrokers(connections: ConnectionView[]): void {
    const key = JSON.stringify(connections.map(({ id, name }) => [id, name]));
    if (key !== this.brokers) {
      this.brokers = key;
      this.brokerSelect.replaceChildren(
        ...connections.map(({ id, name }) => el('option', '', { value: id }, visible(name, 60))),
      );
      this.brokerChoice.hidden = connections.length < 2;
    }
    const known = connections.some(({ id }) => id === this.feed.brokerId);
    const wanted = known ? this.feed.brokerId : this.prefs.values.broker;
    const first = connections.find(({ id }) => id === wanted) ?? connections[0];
    if (!known) this.choose(first?.id ?? '', false);
    this.topics.setBrokerMissing(connections.length === 0 && !isBrokerComing());
  }

  private choose(id: string, remember = true): void {
    if (remember) {
      this.prefs.values.broker = id;
      this.prefs.save();
    }
    this.closeDetail();
    this.brokerSelect.value = id;
    this.topics.sparks.look(id);
    this.feed.look(id);
    this.devices.look(id);
  }

  private count(open: number): void {
    const label = this.translate('view.alerts');
    setText(this.badge, open > 0 ? String(open) : '');
    this.badge.hidden = open === 0;
    const tab = this.tabs.get('alerts');
    if (tab) setAttribute(tab, 'aria-label', open > 0 ? `${label}, ${open}` : label);
  }

  /** Opens a topic with this number of its JSON. */
  private openField(topic: string, field: string | undefined): void {
    const { brokerId } = this.feed;
    if (field !== undefined) this.prefs.setField(brokerId, topic, field);
    this.openDetail(topic);
  }

  private openDetail(topic: string): void {
    this.closeDetail();
    this.detail = new Detail(topic, this.feed, this.prefs, this.translate, {
      close: () => this.closeDetail(true),
      clear: (one) => clearRetained(this.translate, this.feed.brokerId, [one]),
      enlarge: (panel, done) => this.enlarge(visible(topic, 200), panel, done),
    });
    this.showView();
    this.stage.append(this.detail.element);
    this.run();
    this.detail.focus();
  }

  private closeDetail(focus = false): void {
    if (!this.detail) return;
    this.detail.destroy();
    this.detail.element.remove();
    this.detail = undefined;
    this.showView();
    this.topics.update(true);
    if (!focus) return;
    this.run();
    if (this.view === 'alerts') this.alerts.element.focus();
    else (this.view === 'devices' ? this.devices : this.topics).focusList();
  }

  private openPublish(): void {
    const form = publishForm(this.translate, this.prefs, () => this.feed.brokerId, undefined);
    this.dialog(this.translate('publish.label'), form, false, () => {});
  }

  private enlarge(title: string, content: HTMLElement, done: () => void): void {
    this.dialog(title, content, true, done);
  }

  /** A dialog over the editor; Escape closes it. */
  private dialog(title: string, content: HTMLElement, large: boolean, done: () => void): void {
    const dialog = el('dialog', `dinox-sidebar dxs-dialog ${large ? 'dxs-wide' : ''}`, {
      'aria-label': title,
    });
    const close = button({ icon: 'times', label: this.translate('dialog.close') }, () => dialog.close());
    dialog.append(el('header', '', {}, el('h3', 'dxs-name', {}, ...breakable(title)), close), content);
    dialog.addEventListener('keydown', (event) => event.stopPropagation());
    dialog.addEventListener('close', () => {
      done();
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  }
}
