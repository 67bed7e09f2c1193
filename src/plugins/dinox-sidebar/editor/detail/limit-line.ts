import { el, setAttribute } from '../../../../editor/dom';
import { number } from '../../../../editor/format';

/** Where values stand in a chart. */
export interface LimitScale {
  /** The least and the most value that is to be seen. */
  range(): { min: number; max: number };
  /** Distance of a value from the upper edge, in pixels. */
  toPixel(value: number): number;
  fromPixel(pixel: number): number;
}

/** A key moves it by so much of what is to be seen; the page keys by ten times that. */
const STEP = 1 / 50;

/**
 * The limit of an alert as a line in the chart, which the pointer drags and the keys move (a slider, WAI-ARIA 1.2).
 */
export class LimitLine {
  readonly element: HTMLElement;
  /** Somebody drags: the scale must stand still under the pointer. */
  dragging = false;
  private value: number | undefined;

  /**
   * @param moved told of each new value while it moves
   * @param settled told when it stands still, so that the chart can make room for it
   */
  constructor(
    label: string,
    private readonly scale: LimitScale,
    private readonly moved: (value: number) => void,
    private readonly settled: () => void,
  ) {
    this.element = el(
      'div',
      'dxs-limit',
      { role: 'slider', tabindex: '0', 'aria-orientation': 'vertical', 'aria-label': label },
      el('span', 'dxs-limit-grip'),
    );
    this.element.hidden = true;
    // What the chart would take for zooming.
    for (const name of ['mousedown', 'click', 'dblclick'])
      this.element.addEventListener(name, (event) => event.stopPropagation());
    this.element.addEventListener('pointerdown', (event) => this.begin(event));
    this.element.addEventListener('pointermove', (event) => this.drag(event));
    for (const name of ['pointerup', 'pointercancel'] as const)
      this.element.addEventListener(name, () => this.end());
    this.element.addEventListener('keydown', (event) => this.key(event));
  }

  set(value: number | undefined): void {
    this.value = value;
    this.place();
  }

  /** Puts it where its value stands; the scale may be another one. */
  place(): void {
    const { value } = this;
    const { min, max } = this.scale.range();
    this.element.hidden = value === undefined || value < min || value > max;
    if (value === undefined || this.element.hidden) return;
    this.element.style.transform = `translateY(${this.scale.toPixel(value)}px)`;
    setAttribute(this.element, 'aria-valuemin', String(readable(min, max - min)));
    setAttribute(this.element, 'aria-valuemax', String(readable(max, max - min)));
    setAttribute(this.element, 'aria-valuenow', String(value));
    setAttribute(this.element, 'aria-valuetext', number(value));
  }

  /** Moves it to where somebody points, in pixels from the upper edge. */
  put(pixel: number): void {
    const { min, max } = this.scale.range();
    const value = Math.min(max, Math.max(min, this.scale.fromPixel(pixel)));
    this.moved(readable(value, max - min));
  }

  private begin(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.preventDefault();
    this.element.setPointerCapture(event.pointerId);
    this.element.focus();
    this.dragging = true;
  }

  private drag(event: PointerEvent): void {
    if (!this.dragging) return;
    event.stopPropagation();
    const top = this.element.parentElement?.getBoundingClientRect().top ?? 0;
    this.put(event.clientY - top);
  }

  private end(): void {
    if (!this.dragging) return;
    this.dragging = false;
    this.settled();
  }

  private key(event: KeyboardEvent): void {
    const { min, max } = this.scale.range();
    const step = (max - min) * STEP;
    const value = this.value ?? min;
    const to = {
      ArrowUp: value + step,
      ArrowRight: value + step,
      ArrowDown: value - step,
      ArrowLeft: value - step,
      PageUp: value + 10 * step,
      PageDown: value - 10 * step,
      Home: min,
      End: max,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    // Node-RED would move the selected nodes of the flow as well.
    event.stopPropagation();
    // Not held to what is to be seen: the chart makes room.
    this.moved(readable(to, max - min));
    this.settled();
  }
}

/** Rounded to what can be told apart in a chart of this range: nobody means 22.718345. */
function readable(value: number, range: number): number {
  if (!(range > 0) || !Number.isFinite(value)) return value;
  const digits = Math.min(12, Math.max(0, 2 - Math.floor(Math.log10(range))));
  return Number(value.toFixed(digits));
}
