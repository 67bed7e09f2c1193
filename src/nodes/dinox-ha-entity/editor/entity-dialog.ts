/// <reference path="../../../editor/red.d.ts" />
import { type ApiError, brokerPath, get } from '../../../editor/admin-api';
import { el, icon, setText } from '../../../editor/dom';
import { type Completion, complete, field, type Prefix, showRow } from '../../../editor/form';
import { visible } from '../../../editor/format';
import type { EntityKinds, EntityRow } from '../entity-row';

interface Answer {
  /** Absent while the connection is not deployed. */
  kinds?: EntityKinds;
  connected: boolean;
  /** Entities that are known, and those that are meant. */
  total: number;
  count?: number;
  entities: EntityRow[];
  chosen: EntityRow[];
}

const KINDS = ['component', 'deviceClass', 'device', 'area'] as const;
const FILTER = [...KINDS, 'pattern'] as const;
const MAX_OFFERED = 30;
const MAX_SHOWN = 80;
/** Examples that are named of what a filter takes. */
const MAX_EXAMPLES = 3;
const LOOK_MS = 1_500;

/**
 * The entities of an open dialog: found by name, area or device as somebody types, chosen one after the other, or all
 * that a filter takes; with their states as they come.
 */
export class EntityDialog {
  private readonly search: JQuery;
  private readonly list = document.getElementById('dinox-entities') as HTMLElement;
  private readonly state = document.getElementById('dinox-entities-state') as HTMLElement;
  private readonly offered = new Map<string, EntityRow>();
  private rows = new Map<string, EntityRow>();
  private kinds: Answer['kinds'];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private painted = '';

  /** @param chosen names of the chosen entities, by key; changed by what is chosen */
  constructor(
    private readonly node: EditorNode,
    private readonly prefix: Prefix,
    readonly chosen: Map<string, string>,
  ) {
    this.search = field(prefix, 'search');
    complete(this.search, 0, (text) => this.offer(text));
    this.search.on('change', () => this.taken());
    for (const kind of KINDS) complete(field(prefix, kind), 0, (text) => this.offerKind(kind, text));
    for (const name of ['mode', 'broker', 'prefix', ...FILTER])
      field(prefix, name).on('input change', () => this.update());
    this.list.addEventListener('click', ({ target }) => {
      const button = (target as HTMLElement).closest<HTMLElement>('[data-key]');
      if (button) this.remove(button.dataset.key ?? '');
    });
    this.update();
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private get isFilter(): boolean {
    return field(this.prefix, 'mode').val() === 'filter';
  }

  private update(): void {
    const { prefix, isFilter } = this;
    showRow(prefix, 'search', !isFilter);
    for (const name of FILTER) showRow(prefix, name, isFilter);
    this.paint();
    this.lookIn(0);
  }

  private lookIn(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), ms);
  }

  /** Asks for the states of what is shown, as long as the dialog is open. */
  private async look(): Promise<void> {
    if (!document.contains(this.list)) return;
    const filter = this.isFilter
      ? Object.fromEntries(FILTER.map((name) => [name, String(field(this.prefix, name).val() ?? '').trim()]))
      : {};
    const answer = await this.ask({ ...filter, keys: JSON.stringify([...this.chosen.keys()]), limit: 5 });
    if (!document.contains(this.list)) return;
    if (answer) {
      this.rows = new Map(answer.chosen.map((row) => [row.key, row]));
      for (const { key, name } of answer.chosen) this.chosen.set(key, name);
      this.paint();
    }
    this.lookIn(LOOK_MS);
  }

  private async ask(query: Record<string, string | number>): Promise<Answer | undefined> {
    const broker = String(field(this.prefix, 'broker').val() ?? '');
    if (broker === '' || broker === '_ADD_') {
      setText(this.state, this.translate('noBroker'));
      return undefined;
    }
    const prefix = String(field(this.prefix, 'prefix').val() ?? '').trim();
    try {
      const answer = await get<Answer>(brokerPath(broker, 'entities'), { ...query, prefix });
      this.kinds = answer.kinds;
      setText(this.state, this.about(answer));
      return answer;
    } catch (error) {
      const { isForbidden, message } = error as ApiError;
      setText(this.state, isForbidden ? this.translate('forbidden') : message);
      return undefined;
    }
  }

  private about({ kinds, connected, total, count = 0, entities }: Answer): string {
    if (!kinds) return this.translate('notDeployed');
    if (!connected) return this.translate('notConnected');
    if (total === 0) return this.translate('none');
    if (!this.isFilter) return this.translate('known', { count: total });
    const examples = entities.slice(0, MAX_EXAMPLES).map(({ name }) => visible(name, MAX_SHOWN));
    if (count === 0) return this.translate('takesNone', { total });
    return this.translate('takes', {
      count,
      total,
      examples: `${examples.join(', ')}${count > MAX_EXAMPLES ? ', …' : ''}`,
    });
  }

  private async offer(text: string): Promise<Completion[]> {
    const answer = await this.ask({ q: text, limit: MAX_OFFERED });
    const rows = (answer?.entities ?? []).filter(({ key }) => !this.chosen.has(key));
    this.offered.clear();
    for (const row of rows) this.offered.set(row.key, row);
    return rows.map((row) => ({ value: row.key, label: this.completion(row) }));
  }

  private async offerKind(kind: (typeof KINDS)[number], text: string): Promise<Completion[]> {
    if (!this.kinds) await this.ask({ limit: 1 });
    const wanted = text.toLowerCase();
    return (this.kinds?.[kind] ?? [])
      .filter((one) => one.toLowerCase().includes(wanted))
      .map((one) => ({ value: one, label: $('<span>').text(visible(one, MAX_SHOWN)) }));
  }

  private completion(row: EntityRow): JQuery {
    return $('<div>', { class: 'dinox-completion' }).append(
      $('<span>').text(visible(row.name, MAX_SHOWN)),
      $('<span>', { class: 'dinox-completion-name' }).text(this.where(row)),
      $('<span>', { class: 'dinox-completion-value' }).text(this.stateOf(row)),
    );
  }

  private where({ area, component }: EntityRow): string {
    return visible([area, component].filter(Boolean).join(' · '), MAX_SHOWN);
  }

  private stateOf({ state, unit, available }: EntityRow): string {
    if (!available) return this.translate('unavailable');
    if (state === undefined) return '';
    return visible(unit === '' ? state : `${state} ${unit}`, MAX_SHOWN);
  }

  /** An offer was taken: it goes to the list, and the field is free for the next. */
  private taken(): void {
    const row = this.offered.get(String(this.search.val() ?? ''));
    if (!row) return;
    this.chosen.set(row.key, row.name);
    this.rows.set(row.key, row);
    this.search.val('');
    this.update();
  }

  private remove(key: string): void {
    this.chosen.delete(key);
    this.update();
    this.search.trigger('focus');
  }

  private paint(): void {
    const shown = [...this.chosen].map(([key, name]) => ({ key, name, row: this.rows.get(key) }));
    const painted = JSON.stringify(shown);
    if (painted === this.painted) return;
    this.painted = painted;
    this.list.hidden = shown.length === 0;
    // A button that has the focus keeps it.
    const focused = (document.activeElement as HTMLElement | null)?.dataset.key;
    this.list.replaceChildren(...shown.map(({ key, name, row }) => this.item(key, name, row)));
    if (focused === undefined) return;
    for (const button of this.list.querySelectorAll<HTMLElement>('[data-key]'))
      if (button.dataset.key === focused) button.focus();
  }

  private item(key: string, name: string, row: EntityRow | undefined): HTMLElement {
    const shown = visible(name, MAX_SHOWN);
    const label = this.translate('remove', { name: shown });
    return el(
      'li',
      'dinox-entity',
      { title: visible(key, 200) },
      el('span', 'dinox-entity-name', {}, shown),
      el('span', 'dinox-entity-where', {}, row ? this.where(row) : ''),
      el('span', 'dinox-entity-state', {}, row ? this.stateOf(row) : ''),
      el(
        'button',
        'red-ui-button red-ui-button-small',
        { type: 'button', 'data-key': key, title: label, 'aria-label': label },
        icon('remove'),
      ),
    );
  }

  private translate(key: string, params?: Record<string, unknown>): string {
    return this.node._(`dinox-ha-entity.find.${key}`, params);
  }
}
