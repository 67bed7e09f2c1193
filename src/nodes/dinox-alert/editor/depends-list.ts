/// <reference path="../../../editor/red.d.ts" />
import { el } from '../../../editor/dom';
import * as form from '../../../editor/form';
import { hasWildcard } from '../../../topics/filter';
import type { DependsOn } from '../depends-on';
import { dependsFault } from './depends-fault';

type Fields = Record<string, string>;
type Translate = (key: string) => string;

const TYPES = ['key', 'topic', 'connection'] as const;
/** The inputs of each type, in their order. */
const INPUTS: Readonly<Record<DependsOn['type'], readonly string[]>> = {
  key: ['node', 'pattern'],
  topic: ['broker', 'filter', 'up', 'down'],
  connection: ['broker'],
};
/** Inputs that people fill with their own words; the others are choices. */
const TYPED = ['pattern', 'filter', 'up', 'down'];

/** The list of what an alert depends on: a row for each, with the inputs of its type. */
export class DependsList {
  private readonly rows: Fields[];
  /** A row that was added and has neither been typed into nor left: nothing is wrong with it yet. */
  private fresh: Fields | undefined;
  private readonly list = el('ul', 'dal-depends');
  private readonly reason = el('div', 'dinox-note dinox-reason', {
    id: 'dinox-depends-reason',
    role: 'status',
  });
  /** What a topic with wildcards holds back. */
  private readonly wildcard = el('div', 'dinox-note', { id: 'dinox-depends-wildcard', role: 'status' });

  constructor(
    private readonly node: EditorNode,
    place: HTMLElement,
    private readonly translate: Translate,
    private readonly ownBroker: () => string,
  ) {
    const stored: unknown[] = Array.isArray(node.dependsOn) ? node.dependsOn : [];
    this.rows = stored.map((one) => ({ ...(one as Fields) }));
    const add = el('button', 'red-ui-button red-ui-button-small', {
      type: 'button',
      id: 'dinox-depends-add',
    });
    add.textContent = translate('depends.add');
    add.addEventListener('click', () => {
      this.fresh = { type: 'key', node: '', pattern: '' };
      this.rows.push(this.fresh);
      this.draw();
      this.list.querySelector<HTMLElement>('li:last-child select')?.focus();
    });
    place.replaceChildren(this.list, add, this.reason, this.wildcard);
    this.draw();
  }

  /** The rows, as the node stores them. */
  get value(): Fields[] {
    return this.rows.map(storedRow);
  }

  private draw(): void {
    this.list.replaceChildren(...this.rows.map((row, index) => this.row(row, index)));
    this.list.hidden = this.rows.length === 0;
    this.explain();
  }

  /** Says what is wrong with the first row that cannot work. */
  explain(): void {
    const begun = this.rows.filter((row) => row !== this.fresh).map(storedRow);
    const fault = dependsFault(this.node.id, begun, this.ownBroker());
    this.reason.textContent = fault ? form.faultText(this.node, fault) : '';
    const isWide = this.value.some(({ filter }) => filter !== undefined && hasWildcard(filter));
    this.wildcard.textContent = isWide ? this.translate('depends.wildcard') : '';
  }

  private row(row: Fields, index: number): HTMLElement {
    const type = typeOf(row);
    const line = String(index + 1);
    const types = TYPES.map((one) => [one, this.translate(`depends.type.${one}`)] as const);
    const remove = el('button', 'red-ui-button red-ui-button-small', {
      type: 'button',
      'aria-label': `${this.translate('depends.remove')} ${line}`,
    });
    remove.append(el('i', 'fa fa-remove', { 'aria-hidden': 'true' }));
    remove.addEventListener('click', () => {
      this.rows.splice(index, 1);
      this.draw();
    });
    const kind = this.select(row, 'type', types, line);
    kind.addEventListener('change', () => {
      // There is nothing to type: what is missing is missing now.
      if (typeOf(row) === 'connection') this.begin(row);
      this.draw();
    });
    const item = el('li', '', {}, kind, ...INPUTS[type].map((name) => this.input(row, name, line)), remove);
    item.addEventListener('focusout', ({ relatedTarget }) => {
      // A row that is drawn anew loses its focus, too.
      if (item.isConnected && !item.contains(relatedTarget as Node | null)) this.begin(row);
    });
    return item;
  }

  private begin(row: Fields): void {
    if (row !== this.fresh) return;
    this.fresh = undefined;
    this.explain();
  }

  private input(row: Fields, name: string, line: string): HTMLElement {
    if (!TYPED.includes(name)) {
      return this.select(row, name, name === 'node' ? this.alerts() : this.brokers(), line);
    }
    const input = el('input', `dal-depends-${name}`, {
      type: 'text',
      placeholder: this.translate(`depends.placeholder.${name}`),
      'aria-label': `${this.translate(`depends.${name}`)} ${line}`,
    });
    input.value = row[name] ?? '';
    input.addEventListener('input', () => {
      row[name] = input.value;
      this.begin(row);
      this.explain();
    });
    return input;
  }

  private select(
    row: Fields,
    name: string,
    choices: readonly (readonly [value: string, text: string])[],
    line: string,
  ): HTMLSelectElement {
    const select = el('select', `dal-depends-${name}`, {
      'aria-label': `${this.translate(`depends.${name === 'type' ? 'kind' : name}`)} ${line}`,
    });
    const value = row[name] ?? '';
    // One that is no longer there stays visible.
    const all = choices.some(([one]) => one === value) ? choices : [...choices, [value, value] as const];
    for (const [one, text] of all) {
      const option = el('option', '', { value: one });
      option.textContent = text;
      select.append(option);
    }
    select.value = value;
    select.addEventListener('change', () => {
      row[name] = select.value;
      this.explain();
    });
    return select;
  }

  private alerts(): [string, string][] {
    const others = RED.nodes.filterNodes({ type: 'dinox-alert' }).filter(({ id }) => id !== this.node.id);
    return [
      ['', this.translate('depends.thisNode')],
      ...others.map((one): [string, string] => [one.id, RED.utils.getNodeLabel(one, one.id)]),
    ];
  }

  private brokers(): [string, string][] {
    const found: [string, string][] = [['', this.translate('depends.ownBroker')]];
    RED.nodes.eachConfig((one) => {
      if (one.type === 'dinox-broker') found.push([one.id, RED.utils.getNodeLabel(one, one.id)]);
    });
    return found;
  }
}

function storedRow(row: Fields): Fields {
  const type = typeOf(row);
  return Object.fromEntries([['type', type], ...INPUTS[type].map((name) => [name, row[name] ?? ''])]);
}

function typeOf({ type }: Fields): DependsOn['type'] {
  return TYPES.find((one) => one === type) ?? 'key';
}
