import { setAttribute } from '../../../../editor/dom';
import { LINE_HEIGHT, type ListEntry, TILE_HEIGHT } from './layout';
import type { Branch } from './tree';
import type { Item, VirtualList } from './virtual-list';

/** The list as the cursor sees it. */
export interface CursorHost {
  readonly items: readonly Item<ListEntry>[];
  readonly columns: number;
  readonly isTiles: boolean;
  /** Opens or closes a branch. */
  expand(branch: Branch, on: boolean): void;
  /** Opens the topic under the cursor; `caret`: its branch instead. */
  press(caret: boolean): void;
  pin(): void;
}

/** The active tile or line, and the keys that move it (listbox and tree, WAI-ARIA 1.2). */
export class ListCursor {
  private index = -1;

  constructor(
    private readonly list: VirtualList<ListEntry>,
    private readonly host: CursorHost,
  ) {
    list.element.addEventListener('click', (event) => this.clicked(event));
    list.element.addEventListener('keydown', (event) => this.key(event));
  }

  /** Index of the entry; -1: none. */
  get active(): number {
    return this.index;
  }

  set active(index: number) {
    this.index = index;
    setAttribute(
      this.list.element,
      'aria-activedescendant',
      index < 0 ? undefined : `dinox-sidebar-item-${index}`,
    );
  }

  /** Brings the keyboard from the search to the first that was found. */
  begin(): void {
    this.list.element.focus();
    if (this.index < 0) this.move(1);
  }

  get shown(): ListEntry | undefined {
    return this.host.items[this.active]?.value;
  }

  private set(index: number, reveal: boolean): void {
    this.active = index;
    if (reveal) this.list.reveal(index);
    this.list.refresh();
  }

  private clicked(event: MouseEvent): void {
    const element = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    if (!element) return;
    this.set(Number(element.dataset.index), false);
    this.host.press((event.target as HTMLElement).closest('.dxs-caret') !== null);
  }

  private key(event: KeyboardEvent): void {
    const { host, shown } = this;
    const { isTiles: tiles } = host;
    const line = shown?.kind === 'line' ? shown.line : undefined;
    const height = tiles ? TILE_HEIGHT : LINE_HEIGHT;
    const page = Math.max(1, Math.floor(this.list.element.clientHeight / height));
    const step = tiles ? host.columns : 1;
    const moves: Record<string, () => void> = {
      ArrowDown: () => this.move(step),
      ArrowUp: () => this.move(-step),
      ArrowRight: () => {
        if (line?.expandable && !line.expanded) host.expand(line.branch, true);
        else this.move(1);
      },
      ArrowLeft: () => {
        if (tiles) this.move(-1);
        else if (line?.expanded) host.expand(line.branch, false);
        else this.toParent();
      },
      PageDown: () => this.move(page * step),
      PageUp: () => this.move(-page * step),
      Home: () => this.move(-host.items.length),
      End: () => this.move(host.items.length),
      Enter: () => host.press(false),
      ' ': () => host.press(true),
      p: () => host.pin(),
    };
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : moves[event.key];
    if (!act) return;
    event.preventDefault();
    // Node-RED would also move the flow's selected nodes.
    event.stopPropagation();
    act();
  }

  /** Moves by this many tiles or lines, past headings. */
  private move(by: number): void {
    const { items } = this.host;
    if (items.length === 0) return;
    const direction = Math.sign(by);
    let to = Math.min(items.length - 1, Math.max(0, this.active < 0 ? 0 : this.active + by));
    while (items[to]?.kind === 'heading') {
      const next = to + direction;
      if (next < 0 || next >= items.length) break;
      to = next;
    }
    if (items[to]?.kind !== 'heading') this.set(to, true);
  }

  private toParent(): void {
    const { shown } = this;
    if (shown?.kind !== 'line') return;
    for (let i = this.active - 1; i >= 0; i--) {
      const other = this.host.items[i]?.value;
      if (other?.kind === 'line' && other.line.depth < shown.line.depth) {
        this.set(i, true);
        return;
      }
    }
  }
}
