import { el, setAttribute, setText, toggle } from '../../../../editor/dom';
import type { Translate } from '../../../../editor/format';
import { visible } from '../../../../editor/format';
import { button, searchField } from '../controls';
import { paintCard } from '../devices/card-painter';
import { DeviceBar } from '../devices/device-bar';
import { type DeviceCard, type DeviceCards, deviceCards, onlyTopicOf } from '../devices/device-cards';
import { EmptyState, reasonOf, type Why } from '../empty-state';
import type { Preferences } from '../prefs';
import { isGone } from '../rows';
import { arrange } from './arrange';
import type { Feed } from './feed';
import { type ListEntry, lineItems, TILE_WIDTH, tileItems } from './layout';
import { ListCursor } from './list-cursor';
import { isHiddenAnnouncement } from './readings';
import { createHeading, createLine, createTile, paintLine, paintTile, type RowContext } from './row-painter';
import { Sparklines } from './sparklines';
import { tilesOf } from './tiles';
import { searchFor, type TopicSearch } from './topic-search';
import { TopicsMenu } from './topics-menu';
import { type Branch, buildTree, treeLines } from './tree';
import { type Item, VirtualList } from './virtual-list';

/** Milliseconds between two sortings by value, because jumping tiles cannot be read. */
const ORDER_EVERY = 2_000;

export interface TopicsActions {
  open(topic: string): void;
  publish(): void;
  /** Removes these topics' retained messages, after asking. */
  clear(topics: string[]): void;
  openBroker(): void;
  /** Opens the guided start. */
  begin(): void;
}

/** The list of topics, as tiles or as a tree, with search and filters. */
export class TopicsView {
  readonly element: HTMLElement;
  readonly sparks: Sparklines;
  private readonly list: VirtualList<ListEntry>;
  private readonly cursor: ListCursor;
  private readonly search: HTMLInputElement;
  private readonly empty: EmptyState;
  private readonly foot = el('div', 'dxs-foot');
  private readonly count = el('span', 'dxs-count', { role: 'status' });
  private readonly exploreNote = el('span', 'dxs-note');
  /** Shown while every topic is received. */
  private readonly exploreEnd: HTMLButtonElement;
  readonly menu: TopicsMenu;
  private readonly bar: DeviceBar;
  /** The view's part of the toolbar. */
  readonly tools: HTMLElement;
  private wanted: TopicSearch = searchFor('');
  private items: readonly Item<ListEntry>[] = [];
  private tree: Branch | undefined;
  /** Branches that were opened or closed by hand; the others follow the tree's length. */
  private readonly open = new Map<string, boolean>();
  private membership = -1;
  private cards: DeviceCards = { cards: [], byTopic: new Map() };
  /** The card whose topics are shown. */
  private inside: DeviceCard | undefined;
  private ordered = Number.NEGATIVE_INFINITY;
  private columns = 1;
  private exploring = false;
  private found = 0;
  private noBroker = false;

  constructor(
    private readonly feed: Feed,
    private readonly prefs: Preferences,
    private readonly translate: Translate,
    private readonly actions: TopicsActions,
  ) {
    this.empty = new EmptyState(translate, {
      noBroker: ['guide.title', () => this.actions.begin()],
      silent: ['empty.explore', () => this.toggleExplore()],
      search: ['empty.all', () => this.setSearch('')],
      disconnected: ['empty.connections', () => this.actions.openBroker()],
    });
    this.sparks = new Sparklines(() => this.list.refresh());
    this.list = new VirtualList<ListEntry>({
      create: (kind) => this.create(kind),
      paint: (element, item, index) => this.paint(element, item.value, index),
    });
    const view = this;
    this.cursor = new ListCursor(this.list, {
      get items() {
        return view.items;
      },
      get columns() {
        return view.columns;
      },
      get isTiles() {
        return view.prefs.values.layout === 'tiles';
      },
      expand: (branch, on) => this.expand(branch, on),
      press: (caret) => this.press(caret),
      pin: () => this.pin(),
    });
    const { box, input } = searchField(
      { label: translate('search.label'), short: translate('search.short'), help: translate('search.help') },
      () => this.searched(),
      () => this.cursor.begin(),
    );
    this.search = input;
    this.exploreEnd = button(
      { icon: 'compass', label: translate('explore.end'), class: 'dxs-on', title: translate('explore.help') },
      () => this.toggleExplore(),
    );
    this.exploreEnd.hidden = true;
    this.tools = el('div', 'dxs-tools dxs-topics-tools', {}, box, this.exploreEnd);
    this.menu = new TopicsMenu(translate, prefs, {
      ordered: () => this.update(true),
      laidOut: () => this.laidOut(),
      explore: () => this.toggleExplore(),
      publish: () => actions.publish(),
      clear: () => this.clearFound(),
    });
    this.bar = new DeviceBar(translate, () => this.leave());
    this.element = el(
      'div',
      'dxs-view dxs-listing dxs-topics',
      { role: 'tabpanel' },
      this.exploreNote,
      this.bar.element,
      this.empty.element,
      this.list.element,
      this.foot,
    );
    this.foot.append(this.count);
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.inside) return;
      event.stopPropagation();
      this.leave();
    });
    new ResizeObserver(() => this.resized()).observe(this.list.element);
    this.showLayout();
  }

  /** Paints new values of visible topics; makes the list again if topics came or went. */
  update(now: boolean): void {
    const { values } = this.prefs;
    const moves = values.layout === 'tiles' && values.sort !== 'name';
    const due = moves && performance.now() - this.ordered > ORDER_EVERY;
    if (now || this.membership !== this.feed.membership || due) this.arrange();
    else this.list.refresh();
    this.describe();
  }

  focusList(): void {
    this.list.element.focus();
  }

  /** Shows or removes the hint that the flows have no `dinox-broker`. */
  setBrokerMissing(missing: boolean): void {
    if (this.noBroker === missing) return;
    this.noBroker = missing;
    this.describe();
  }

  setSearch(text: string): void {
    this.search.value = text;
    this.searched();
  }

  private searched(): void {
    this.wanted = searchFor(this.search.value);
    setAttribute(this.search, 'aria-invalid', this.wanted.fault ? 'true' : undefined);
    this.list.element.scrollTop = 0;
    this.cursor.active = -1;
    this.update(true);
  }

  /** The layout was chosen. */
  private laidOut(): void {
    this.cursor.active = -1;
    this.inside = undefined;
    this.showLayout();
    this.list.element.scrollTop = 0;
    this.update(true);
  }

  private showLayout(): void {
    setAttribute(this.list.element, 'role', this.prefs.values.layout === 'tiles' ? 'listbox' : 'tree');
    setAttribute(this.list.element, 'aria-label', this.translate('topics.label'));
  }

  private toggleExplore(): void {
    this.exploring = !this.exploring;
    this.feed.setExploring(this.exploring);
    this.describe();
  }

  private arrange(): void {
    this.membership = this.feed.membership;
    this.ordered = performance.now();
    this.items = this.prefs.values.layout === 'tiles' ? this.tiles() : this.lines();
    this.bar.show(this.inside);
    if (this.cursor.active >= this.items.length) this.cursor.active = -1;
    this.list.set(this.items);
  }

  private tiles(): Item<ListEntry>[] {
    const { feed, prefs } = this;
    const { sort, group } = prefs.values;
    this.cards = deviceCards(feed.rows, feed.names);
    this.inside = this.cards.cards.find(({ key }) => key === this.inside?.key);
    const pins = prefs.pinsOf(feed.brokerId);
    const { tiles, found } = tilesOf(
      feed.rows,
      this.inside ? undefined : this.cards,
      (topic) => this.isWanted(topic),
      pins,
    );
    this.found = found;
    const sections = arrange(tiles, pins, sort, group, feed.now, this.translate('group.pinned'));
    return tileItems(sections, this.columns);
  }

  private lines(): Item<ListEntry>[] {
    const topics: string[] = [];
    for (const row of this.feed.rows.values()) {
      if (!isGone(row) && this.isWanted(row.topic)) topics.push(row.topic);
    }
    this.found = topics.length;
    this.tree = buildTree(topics);
    // A short tree is open; in a long one, the first level is.
    const few = topics.length <= 60;
    const searching = !this.wanted.isEmpty && topics.length <= 500;
    const isOpen = (branch: Branch): boolean => this.open.get(branch.path) ?? (few || searching);
    return lineItems(treeLines(this.tree, isOpen));
  }

  private isWanted(topic: string): boolean {
    // What devices announce is shown by their names; the announcement itself only to who looks for it.
    if (isHiddenAnnouncement(topic, this.feed.prefix, this.search.value)) return false;
    if (this.inside && this.cards.byTopic.get(topic) !== this.inside) return false;
    const { name = '', area = '' } = this.feed.names.get(topic) ?? this.cards.byTopic.get(topic) ?? {};
    return this.wanted.matches(topic, `${name} ${area}`.trim());
  }

  private create(kind: string): HTMLElement {
    return kind === 'tile' ? createTile() : kind === 'line' ? createLine() : createHeading();
  }

  private paint(element: HTMLElement, shown: ListEntry, index: number): void {
    if (shown.kind === 'heading') {
      setText(element.firstElementChild ?? element, visible(shown.text, 200));
      return;
    }
    const isActive = index === this.cursor.active;
    toggle(element, 'dxs-active', isActive);
    element.id = `dinox-sidebar-item-${index}`;
    setAttribute(element, 'aria-selected', String(isActive));
    element.dataset.index = String(index);
    if (shown.kind === 'tile') {
      const { card, row } = shown.tile;
      const rowOf = (topic: string) => this.feed.rows.get(topic);
      toggle(element, 'dxs-device', card !== undefined);
      if (card) paintCard(element, card, rowOf, this.context());
      else paintTile(element, rowOf(row.topic) ?? row, this.context(), this.inside?.name);
    } else {
      const { branch } = shown.line;
      paintLine(
        element,
        shown.line,
        branch.isTopic ? this.feed.rows.get(branch.path) : undefined,
        this.context(),
      );
    }
  }

  private context(): RowContext {
    const { feed, prefs } = this;
    const broker = feed.brokerId;
    return {
      translate: this.translate,
      now: feed.now,
      sparks: this.sparks,
      pins: prefs.pinsOf(broker),
      fieldOf: (topic) => prefs.fieldOf(broker, topic),
      nameOf: (topic) => feed.names.get(topic),
    };
  }

  private resized(): void {
    const columns = Math.max(1, Math.floor((this.list.element.clientWidth - 4) / TILE_WIDTH));
    if (columns !== this.columns) {
      this.columns = columns;
      this.update(true);
    } else this.list.refresh();
  }

  /** Opens the topic, or the branch if there is none. */
  private press(caret: boolean): void {
    const { shown } = this.cursor;
    if (shown?.kind === 'tile') {
      const { card, row } = shown.tile;
      if (card) this.enter(card);
      else this.actions.open(row.topic);
    }
    if (shown?.kind !== 'line') return;
    const { branch, expandable, expanded } = shown.line;
    if (branch.isTopic && !caret) this.actions.open(branch.path);
    else if (expandable) this.expand(branch, !expanded);
  }

  /** Shows the topics of a device; the only one that has values is opened at once. */
  private enter(card: DeviceCard): void {
    const only = onlyTopicOf(card);
    if (only !== undefined) {
      this.actions.open(only);
      return;
    }
    this.inside = card;
    this.cursor.active = -1;
    this.list.element.scrollTop = 0;
    this.update(true);
    this.focusList();
  }

  /** Shows all topics again, and the card where it was. */
  private leave(): void {
    const key = this.inside?.key;
    this.inside = undefined;
    this.update(true);
    const at = this.items.findIndex(({ value }) => value.kind === 'tile' && value.tile.key === key);
    this.cursor.active = at;
    if (at >= 0) this.list.reveal(at);
    this.list.refresh();
    this.focusList();
  }

  private expand(branch: Branch, on: boolean): void {
    this.open.set(branch.path, on);
    this.arrange();
  }

  private pin(): void {
    const { shown } = this.cursor;
    const key =
      shown?.kind === 'tile'
        ? shown.tile.key
        : shown?.kind === 'line' && shown.line.branch.isTopic
          ? shown.line.branch.path
          : '';
    if (!key) return;
    this.prefs.togglePin(this.feed.brokerId, key);
    this.update(true);
  }

  private clearFound(): void {
    const topics = [...this.feed.rows.values()]
      .filter(({ retained, topic }) => retained && this.isWanted(topic))
      .map(({ topic }) => topic);
    this.actions.clear(topics);
  }

  /** Shows the feed's state: the number of topics, or why there are none. */
  private describe(): void {
    const { feed, translate } = this;
    const { explore } = feed;
    const count = feed.rows.size;
    setText(
      this.count,
      this.wanted.isEmpty
        ? translate('topics.count', { count: this.found })
        : translate('topics.found', { found: this.found, count }),
    );
    this.exploreEnd.hidden = !this.exploring;
    this.menu.markExploring(this.exploring);
    const reason = reasonOf(explore, translate);
    const note = !this.exploring
      ? ''
      : explore.phase === 'unable'
        ? translate('explore.unable', { reason })
        : '';
    setText(this.exploreNote, note);
    this.exploreNote.hidden = note === '';
    this.list.element.hidden = this.found === 0;
    this.empty.show(this.found > 0 ? undefined : this.why(count));
  }

  private why(count: number): Why {
    const { feed } = this;
    if (this.noBroker) return 'noBroker';
    if (feed.state === 'loading' || feed.state === 'idle') return 'loading';
    if (feed.state !== 'live') return feed.state;
    if (this.wanted.fault) return 'regex';
    if (count > 0) return 'search';
    if (feed.phase !== 'connected') return 'disconnected';
    return this.exploring ? 'exploring' : 'silent';
  }
}
