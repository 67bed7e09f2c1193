import { el, setAttribute, setText } from '../dom';
import { withUnit } from '../format';
import { type AxisRange, roundStep, roundTo } from './scale';

/** A limit in a chart. */
export interface Limit {
  /** Name of its field. */
  field: string;
  /** Label of its field. */
  label: string;
  value: number | undefined;
  /** Place of its handle while there is no value. */
  ghost?: number | undefined;
  /** Range that it must stay in. */
  least: number;
  most: number;
  /** True for a critical limit. */
  severe: boolean;
}

export interface HandlePlace {
  /** Place of its line, in pixels from the top. */
  y: number;
  /** Pixels by which its label is moved away from others. */
  shift: number;
  /** Room beside the chart, in pixels. */
  right: number;
  range: AxisRange;
  unit: string;
  /** The approximate value of one pixel. */
  step: number;
}

/** A limit that can be moved in the chart, with the pointer or the keyboard (WAI-ARIA 1.2, slider). */
export class LimitHandle {
  readonly element: HTMLElement;
  private readonly pill = el('span', 'dinox-limit-pill');
  private limit: Limit | undefined;
  private place: HandlePlace | undefined;
  private value = 0;

  /**
   * @param valueAt returns the value at a height of the window
   * @param moved called when it is moved; `settled`: it stays there
   */
  constructor(
    field: string,
    private readonly valueAt: (clientY: number) => number,
    private readonly moved: (value: number, settled: boolean) => void,
  ) {
    const role = { role: 'slider', tabindex: '0', 'aria-orientation': 'vertical', 'data-field': field };
    this.element = el('div', 'dinox-limit', role, this.pill);
    this.element.addEventListener('pointerdown', (event) => this.grab(event));
    this.element.addEventListener('keydown', (event) => this.key(event));
  }

  show(limit: Limit, place: HandlePlace): void {
    const { element, pill } = this;
    this.limit = limit;
    this.place = place;
    this.value = limit.value ?? limit.ghost ?? place.range.high;
    const words = withUnit(this.value, place.unit);
    const isGhost = limit.value === undefined;
    element.style.top = `${place.y}px`;
    element.style.right = `${place.right}px`;
    pill.style.transform = `translateY(calc(-50% + ${place.shift}px))`;
    element.classList.toggle('dinox-limit-severe', limit.severe);
    element.classList.toggle('dinox-limit-ghost', isGhost);
    setText(pill, isGhost ? `${words}?` : words);
    setAttribute(element, 'aria-label', limit.label);
    setAttribute(element, 'aria-valuemin', String(Math.min(place.range.low, this.value)));
    setAttribute(element, 'aria-valuemax', String(Math.max(place.range.high, this.value)));
    setAttribute(element, 'aria-valuenow', String(this.value));
    setAttribute(element, 'aria-valuetext', words);
    setAttribute(element, 'title', `${limit.label}: ${words}`);
  }

  private grab(down: PointerEvent): void {
    if (down.button !== 0) return;
    down.preventDefault();
    const { element } = this;
    element.focus();
    element.setPointerCapture(down.pointerId);
    element.classList.add('dinox-limit-held');
    const away = down.clientY - element.getBoundingClientRect().top - element.offsetHeight / 2;
    let isMoved = false;
    const move = (event: PointerEvent): void => {
      // A click alone moves nothing.
      if (!isMoved && Math.abs(event.clientY - down.clientY) < 2) return;
      isMoved = true;
      this.move(this.valueAt(event.clientY - away), false);
    };
    const end = (): void => {
      element.removeEventListener('pointermove', move);
      element.removeEventListener('pointerup', end);
      element.removeEventListener('pointercancel', end);
      element.classList.remove('dinox-limit-held');
      if (isMoved || this.limit?.value === undefined) this.move(this.value, true);
    };
    element.addEventListener('pointermove', move);
    element.addEventListener('pointerup', end);
    element.addEventListener('pointercancel', end);
  }

  private key(event: KeyboardEvent): void {
    const { place, limit } = this;
    if (!place || !limit) return;
    const { low, high } = place.range;
    const size = roundStep((high - low) / 50);
    const moves: Record<string, number> = {
      ArrowUp: size,
      ArrowRight: size,
      ArrowDown: -size,
      ArrowLeft: -size,
      PageUp: 10 * size,
      PageDown: -10 * size,
      Home: low - this.value,
      End: high - this.value,
      // Enter takes the offered value.
      Enter: 0,
    };
    const by = moves[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' && limit.value !== undefined) return;
    event.preventDefault();
    // Node-RED would also move the flow's selected nodes.
    event.stopPropagation();
    this.move(this.value + by, true, size);
  }

  private move(wanted: number, settled: boolean, step = this.place?.step ?? 1): void {
    const { limit } = this;
    if (!limit) return;
    const rounded = roundTo(wanted, step);
    const value =
      rounded <= limit.least ? limit.least + step : rounded >= limit.most ? limit.most - step : rounded;
    this.value = roundTo(value, step);
    this.moved(this.value, settled);
  }
}
