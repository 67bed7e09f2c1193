import { el } from '../../../../editor/dom';

/** An item and its place: `left` and `width` in parts of the whole width, the rest in pixels. */
export interface Item<T> {
  kind: string;
  value: T;
  top: number;
  height: number;
  left: number;
  width: number;
}

export interface Painter<T> {
  create(kind: string): HTMLElement;
  paint(element: HTMLElement, item: Item<T>, index: number): void;
}

interface Place {
  transform: string;
  height: string;
  left: string;
  width: string;
}

/** Pixels above and below that are also painted, so that scrolling shows no gaps. */
const MARGIN = 240;

/**
 * A list of any length. Only visible items have elements, which are used again during scrolling.
 * Items are in the order of their `top`.
 */
export class VirtualList<T> {
  readonly element: HTMLElement;
  private readonly space = el('div', 'dxs-space', { role: 'presentation' });
  private items: readonly Item<T>[] = [];
  private readonly shown = new Map<number, { element: HTMLElement; kind: string }>();
  private readonly spare = new Map<string, HTMLElement[]>();
  private readonly places = new WeakMap<HTMLElement, Place>();
  private frame = 0;

  constructor(private readonly painter: Painter<T>) {
    this.element = el('div', 'dxs-list', { tabindex: '0' }, this.space);
    this.element.addEventListener('scroll', () => this.later(), { passive: true });
  }

  set(items: readonly Item<T>[]): void {
    this.items = items;
    const last = items[items.length - 1];
    const height = `${last ? last.top + last.height + 4 : 0}px`;
    if (this.space.style.height !== height) this.space.style.height = height;
    this.paint(true);
  }

  /** Paints the visible items again. */
  refresh(): void {
    this.paint(true);
  }

  /** What has an element: what is seen, and a little above and below it. */
  visible(): T[] {
    return [...this.shown.keys()].flatMap((index) => this.items[index]?.value ?? []);
  }

  /** Scrolls as little as needed to show an item. */
  reveal(index: number): void {
    const item = this.items[index];
    if (!item) return;
    const { scrollTop, clientHeight } = this.element;
    if (item.top < scrollTop) this.element.scrollTop = item.top - 4;
    else if (item.top + item.height > scrollTop + clientHeight)
      this.element.scrollTop = item.top + item.height - clientHeight + 4;
    this.paint(false);
  }

  private later(): void {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.paint(false);
    });
  }

  private paint(all: boolean): void {
    const { scrollTop, clientHeight } = this.element;
    const from = this.firstBelow(scrollTop - MARGIN);
    let to = from - 1;
    while (
      to + 1 < this.items.length &&
      (this.items[to + 1] as Item<T>).top < scrollTop + clientHeight + MARGIN
    )
      to += 1;
    for (const [index, { element, kind }] of this.shown) {
      const stays = index >= from && index <= to && this.items[index]?.kind === kind;
      if (stays) continue;
      this.shown.delete(index);
      const spare = this.spare.get(kind) ?? [];
      spare.push(element);
      this.spare.set(kind, spare);
    }
    for (let index = from; index <= to; index++) this.show(index, all);
    // Reused elements were never hidden, because moving one costs less than a new layout.
    for (const spare of this.spare.values())
      for (const element of spare) if (!element.hidden) element.hidden = true;
  }

  private show(index: number, again: boolean): void {
    const item = this.items[index] as Item<T>;
    const known = this.shown.get(index);
    if (known && !again) return;
    const element = known?.element ?? this.take(item.kind);
    this.put(element, item);
    if (!known) this.shown.set(index, { element, kind: item.kind });
    this.painter.paint(element, item, index);
  }

  private put(element: HTMLElement, { top, height, left, width }: Item<T>): void {
    const { style } = element;
    const place = {
      transform: `translateY(${top}px)`,
      height: `${height}px`,
      left: `${left * 100}%`,
      width: `${width * 100}%`,
    };
    for (const name of ['transform', 'height', 'left', 'width'] as const) {
      if (this.placed(element)[name] !== place[name]) style[name] = place[name];
    }
    this.places.set(element, place);
  }

  /** The place that was set last, because reading the style is slow. */
  private placed(element: HTMLElement): Partial<Place> {
    return this.places.get(element) ?? {};
  }

  private take(kind: string): HTMLElement {
    const spare = this.spare.get(kind)?.pop();
    if (spare) {
      if (spare.hidden) spare.hidden = false;
      return spare;
    }
    const element = this.painter.create(kind);
    element.classList.add('dxs-item');
    this.space.append(element);
    return element;
  }

  /** The first item whose end lies below `y`. */
  private firstBelow(y: number): number {
    let low = 0;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const item = this.items[middle] as Item<T>;
      if (item.top + item.height < y) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
