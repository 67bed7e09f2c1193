import { opennessOfClass } from '../../../../base/opening';
import { brokerPath, post } from '../../../../editor/admin-api';
import { el, setAttribute, setText, toggle } from '../../../../editor/dom';
import { age, number, type Translate, visible } from '../../../../editor/format';
import { classWords } from '../../../../editor/texts';
import type { DeviceRow, DevicesAnswer, EntityRow } from '../../device-row';
import { searchField } from '../controls';
import { EmptyState, type Why } from '../empty-state';
import { Poll } from '../poll';
import { ageOf } from '../rows';
import type { Feed } from '../topics/feed';
import { failureOf } from '../topics/feed';
import type { ListEntry } from '../topics/layout';
import { ListCursor } from '../topics/list-cursor';
import { createHeading, createLine, type LineWords, paintWords } from '../topics/row-painter';
import type { Sparklines } from '../topics/sparklines';
import { searchFor, type TopicSearch } from '../topics/topic-search';
import type { Branch, TreeLine } from '../topics/tree';
import { VirtualList } from '../topics/virtual-list';
import { type DeviceLines, deviceLines, mainOf, sortDevices } from './device-lines';

const EVERY = 1_500;
/** States that one question asks for; the route answers no more. */
const MAX_KEYS = 150;

export interface DevicesActions {
  /** Opens a topic, with a number of its JSON. */
  open(topic: string, field: string | undefined): void;
  openBroker(): void;
}

/** What devices announce for Home Assistant: areas, devices, and their entities with states. */
export class DevicesView {
  readonly element: HTMLElement;
  private readonly list: VirtualList<ListEntry>;
  private readonly cursor: ListCursor;
  private readonly search: HTMLInputElement;
  /** The view's part of the toolbar. */
  readonly tools: HTMLElement;
  private readonly empty: EmptyState;
  private readonly count = el('span', 'dxs-count', { role: 'status' });
  private readonly poll = new Poll<DevicesAnswer>(
    () => this.ask(),
    (answer) => this.take(answer),
    (error) => this.explain(failureOf(error)),
  );
  /** Devices that were opened or closed by hand, by path; the others follow their number. */
  private readonly open = new Map<string, boolean>();
  private wanted: TopicSearch = searchFor('');
  private devices: DeviceRow[] = [];
  private lines: DeviceLines = { items: [], shown: new Map(), found: 0 };
  private answer: DevicesAnswer | undefined;
  private broker = '';

  constructor(
    private readonly feed: Feed,
    private readonly sparks: Sparklines,
    private readonly translate: Translate,
    private readonly actions: DevicesActions,
  ) {
    this.empty = new EmptyState(translate, {
      noMatch: ['empty.allDevices', () => this.setSearch('')],
      disconnected: ['empty.connections', () => actions.openBroker()],
    });
    this.list = new VirtualList<ListEntry>({
      create: (kind) => (kind === 'heading' ? createHeading() : createLine()),
      paint: (element, { value }, index) => this.paint(element, value, index),
    });
    const view = this;
    this.cursor = new ListCursor(this.list, {
      get items() {
        return view.lines.items;
      },
      columns: 1,
      isTiles: false,
      expand: (branch, on) => this.expand(branch, on),
      press: () => this.press(),
      pin: () => {},
    });
    const { box, input } = searchField(
      {
        label: translate('devices.search'),
        short: translate('search.short'),
        help: translate('devices.searchHelp'),
      },
      () => this.searched(),
      () => this.cursor.begin(),
    );
    this.search = input;
    setAttribute(this.list.element, 'role', 'tree');
    setAttribute(this.list.element, 'aria-label', translate('devices.label'));
    this.tools = el('div', 'dxs-tools dxs-devices-tools', {}, box);
    this.element = el(
      'div',
      'dxs-view dxs-listing dxs-devices',
      { role: 'tabpanel' },
      this.empty.element,
      this.list.element,
      el('div', 'dxs-foot', {}, this.count),
    );
    new ResizeObserver(() => this.list.refresh()).observe(this.list.element);
    this.explain('loading');
  }

  /** Asks while somebody looks. */
  run(on: boolean): void {
    this.poll.run(on && this.broker !== '' ? EVERY : 0);
  }

  look(broker: string): void {
    if (this.broker === broker) return;
    this.broker = broker;
    this.answer = undefined;
    this.devices = [];
    this.arrange();
    this.explain('loading');
    void this.poll.again();
  }

  /** Paints ages and lines of topics anew. */
  update(): void {
    if (!this.element.hidden) this.list.refresh();
  }

  focusList(): void {
    this.list.element.focus();
  }

  private setSearch(text: string): void {
    this.search.value = text;
    this.searched();
  }

  private searched(): void {
    this.wanted = searchFor(this.search.value);
    setAttribute(this.search, 'aria-invalid', this.wanted.fault ? 'true' : undefined);
    this.list.element.scrollTop = 0;
    this.cursor.active = -1;
    this.arrange();
    this.describe();
    void this.poll.again();
  }

  private ask(): Promise<DevicesAnswer> {
    const keys = new Set<string>();
    for (const value of this.list.visible()) {
      if (value.kind !== 'line') continue;
      const { device, entity } = this.lines.shown.get(value.line.branch.path) ?? {};
      for (const { key } of entity ? [entity] : device ? mainOf(device) : []) keys.add(key);
    }
    const { version } = this.answer ?? {};
    return post(brokerPath(this.broker, 'devices'), { version, keys: [...keys].slice(0, MAX_KEYS) });
  }

  private take(answer: DevicesAnswer): void {
    // What was known of lines that are out of sight now is shown when they come back.
    const states = answer.devices ? answer.states : { ...this.answer?.states, ...answer.states };
    this.answer = { ...answer, states };
    const isFirst = this.devices.length === 0;
    if (answer.devices) {
      const noDevice = this.translate('devices.noDevice');
      this.devices = sortDevices(
        answer.devices.map(({ entities, ...one }) => ({
          ...{ ...one, name: one.name || noDevice },
          entities: entities.map((entity) =>
            entity.isByClass ? { ...entity, name: classWords(entity.deviceClass) } : entity,
          ),
        })),
      );
      this.arrange();
    } else this.list.refresh();
    this.describe();
    // The states of what is seen for the first time. Later lists wait: a stranger may announce without end.
    if (isFirst && this.devices.length > 0) void this.poll.again();
  }

  private arrange(): void {
    this.lines = deviceLines(
      this.devices,
      this.wanted,
      (path) => this.open.get(path),
      this.translate('devices.noArea'),
    );
    if (this.cursor.active >= this.lines.items.length) this.cursor.active = -1;
    this.list.set(this.lines.items);
  }

  private expand({ path }: Branch, on: boolean): void {
    this.open.set(path, on);
    this.arrange();
    void this.poll.again();
  }

  /** Opens or closes a device, or opens the topic of an entity. */
  private press(): void {
    const { shown: entry } = this.cursor;
    if (entry?.kind !== 'line') return;
    const { line } = entry;
    if (line.expandable) this.expand(line.branch, !line.expanded);
    const { topic, field } = this.lines.shown.get(line.branch.path)?.entity ?? {};
    if (topic !== undefined) this.actions.open(topic, field);
  }

  private paint(element: HTMLElement, entry: ListEntry, index: number): void {
    if (entry.kind === 'heading') setText(element.firstElementChild ?? element, visible(entry.text, 200));
    if (entry.kind !== 'line') return;
    const isActive = index === this.cursor.active;
    toggle(element, 'dxs-active', isActive);
    element.id = `dinox-sidebar-item-${index}`;
    setAttribute(element, 'aria-selected', String(isActive));
    element.dataset.index = String(index);
    paintWords(element, entry.line, this.wordsOf(entry.line), this.sparks);
  }

  private wordsOf({ branch, expanded }: TreeLine): LineWords {
    const { device, entity } = this.lines.shown.get(branch.path) ?? {};
    if (entity) return this.entityWords(entity);
    const main = device && !expanded ? mainOf(device).map((one) => this.valueOf(one)) : [];
    return {
      value: main
        .filter((one) => one.isKnown)
        .map(({ value, unit }) => `${value} ${unit}`.trim())
        .join(' · '),
      ...{ unit: '', age: '', isOld: false },
      more: [this.translate('devices.below', { count: branch.topics }), visible(device?.area ?? '', 100)],
    };
  }

  private entityWords(entity: EntityRow): LineWords {
    const { value, unit, isKnown } = this.valueOf(entity);
    const row = entity.topic === undefined ? undefined : this.feed.rows.get(entity.topic);
    const isNumber =
      entity.field === undefined ? row?.number !== undefined : row?.fields?.[entity.field] !== undefined;
    return {
      ...{ value, unit, isOld: !isKnown },
      age: row && row.at > 0 ? age(ageOf(row, this.feed.now), this.translate) : '',
      more: [visible(entity.entityId, 200), visible(entity.topic ?? '', 200)],
      chart: row && isNumber ? { row, field: entity.field } : undefined,
    };
  }

  private valueOf(entity: EntityRow): { value: string; unit: string; isKnown: boolean } {
    const shown = this.answer?.states[entity.key];
    if (entity.topic === undefined || !shown) return { value: '', unit: '', isKnown: false };
    const { available, state } = shown;
    if (!available) return { value: this.translate('devices.unavailable'), unit: '', isKnown: false };
    if (state === undefined) return { value: this.translate('devices.unknown'), unit: '', isKnown: false };
    const is = opennessOfClass(entity.deviceClass, state);
    const value = is
      ? this.translate(`alerts.door.${is}`)
      : typeof state === 'number'
        ? number(state)
        : visible(String(state), 80);
    return { value, unit: visible(entity.unit, 12), isKnown: true };
  }

  private describe(): void {
    const { found } = this.lines;
    const { total = 0, connected = false, isRefused = false } = this.answer ?? {};
    const listed = this.devices.reduce((sum, { entities }) => sum + entities.length, 0);
    const { translate } = this;
    const text = this.wanted.isEmpty
      ? translate('devices.count', { count: found })
      : translate('devices.found', { found, count: listed });
    setText(this.count, listed < total ? translate('devices.more', { count: listed, total }) : text);
    const why: Why | undefined =
      found > 0
        ? undefined
        : this.wanted.fault
          ? 'regex'
          : listed > 0
            ? 'noMatch'
            : !connected
              ? 'disconnected'
              : isRefused
                ? 'unannounced'
                : 'noDevices';
    this.explain(why);
  }

  private explain(why: Why | undefined): void {
    this.list.element.hidden = why !== undefined;
    this.empty.show(why);
  }
}
