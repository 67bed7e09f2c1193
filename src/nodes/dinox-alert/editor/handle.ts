import type { LimitField, Line } from './fields';
import { shown } from './limit-values';
import { type Range, roundStep, roundTo } from './scale';

export interface HandlePlace {
  /** Where its line is, in pixels from the top. */
  y: number;
  /** How far its label is moved away from others. */
  shift: number;
  range: Range;
  unit: string;
  /** What one pixel is worth, about. */
  step: number;
}

/** A limit that can be moved in the chart, with the pointer or the keyboard (WAI-ARIA 1.2, slider). */
export class Handle {
  readonly element = document.createElement('div');
  private readonly label = document.createElement('span');
  private line: Line | undefined;
  private place: HandlePlace | undefined;
  private value = 0;

  constructor(
    field: LimitField,
    private readonly options: {
      /** The value at a height of the window. */
      valueAt(clientY: number): number;
      moved(value: number, settled: boolean): void;
    },
  ) {
    const { element, label } = this;
    element.className = `dal-handle dal-handle-${field}`;
    element.dataset.field = field;
    element.setAttribute('role', 'slider');
    element.setAttribute('aria-orientation', 'vertical');
    element.tabIndex = 0;
    label.className = 'dal-pill';
    element.append(label);
    element.addEventListener('pointerdown', (event) => this.grab(event));
    element.addEventListener('keydown', (event) => this.key(event));
  }

  show(line: Line, place: HandlePlace): void {
    const { element, label } = this;
    this.line = line;
    this.place = place;
    this.value = line.value ?? line.ghost ?? place.range.high;
    const words = shown(this.value, place.unit);
    element.style.top = `${place.y}px`;
    label.style.transform = `translateY(calc(-50% + ${place.shift}px))`;
    element.classList.toggle('dal-ghost', line.value === undefined);
    label.textContent = line.value === undefined ? `${words}?` : words;
    element.setAttribute('aria-label', line.label);
    element.setAttribute('aria-valuemin', String(Math.min(place.range.low, this.value)));
    element.setAttribute('aria-valuemax', String(Math.max(place.range.high, this.value)));
    element.setAttribute('aria-valuenow', String(this.value));
    element.setAttribute('aria-valuetext', words);
    element.title = `${line.label}: ${words}`;
  }

  private grab(down: PointerEvent): void {
    if (down.button !== 0) return;
    down.preventDefault();
    const { element } = this;
    element.focus();
    element.setPointerCapture(down.pointerId);
    element.classList.add('dal-held');
    const away = down.clientY - element.getBoundingClientRect().top - element.offsetHeight / 2;
    let isMoved = false;
    const move = (event: PointerEvent): void => {
      // A click alone moves nothing.
      if (!isMoved && Math.abs(event.clientY - down.clientY) < 2) return;
      isMoved = true;
      this.move(this.options.valueAt(event.clientY - away), false);
    };
    const end = (): void => {
      element.removeEventListener('pointermove', move);
      element.removeEventListener('pointerup', end);
      element.removeEventListener('pointercancel', end);
      element.classList.remove('dal-held');
      if (isMoved || this.line?.value === undefined) this.move(this.value, true);
    };
    element.addEventListener('pointermove', move);
    element.addEventListener('pointerup', end);
    element.addEventListener('pointercancel', end);
  }

  private key(event: KeyboardEvent): void {
    const { place, line } = this;
    if (!place || !line) return;
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
      // Takes what is offered.
      Enter: 0,
    };
    const by = moves[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' && line.value !== undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.move(this.value + by, true, size);
  }

  private move(wanted: number, settled: boolean, step = this.place?.step ?? 1): void {
    const { line } = this;
    if (!line) return;
    const rounded = roundTo(wanted, step);
    const value =
      rounded <= line.least ? line.least + step : rounded >= line.most ? line.most - step : rounded;
    this.value = roundTo(value, step);
    this.options.moved(this.value, settled);
  }
}
