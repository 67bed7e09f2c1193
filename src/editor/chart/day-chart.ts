import type { PreviewAnswer } from '../../alert/preview-answer';
import { el, setText } from '../dom';
import { withUnit } from '../format';
import { Chart, type Drawing } from './chart';
import { clock } from './scale';

const HEIGHT = 170;
const STRIP = 62;
/** Pixels for the limits' handles, so that the curve does not move when they come and go. */
const ROOM = 76;

/** A day with limits that can be dragged, and the times at which it would have fired. */
export class DayChart {
  readonly element: HTMLElement;
  private readonly readout = el('div', 'dinox-chart-readout');
  private readonly chart: Chart;
  private day: PreviewAnswer | undefined;
  private unit = '';

  constructor(moved: (field: string, value: number) => void, height = HEIGHT) {
    this.chart = new Chart({
      height: () => (this.day?.series ? height : STRIP),
      room: ROOM,
      moved,
      pointed: (at, [value]) => this.point(at, value),
    });
    this.element = this.chart.element;
    this.element.append(this.readout);
  }

  draw(day: PreviewAnswer, drawing: Pick<Drawing, 'bands' | 'limits' | 'unit' | 'about'>): void {
    const { from, to, series, states, every = 0, spans = [] } = day;
    this.day = day;
    this.unit = drawing.unit;
    const curves = series ? [{ ...series, bridge: 3 * every }] : [];
    this.chart.draw({ ...drawing, from, to, curves, states, spans });
  }

  destroy(): void {
    this.chart.destroy();
  }

  private point(at: number | undefined, value: number | null | undefined): void {
    const { day } = this;
    const state = day?.series ? undefined : day?.states?.filter((one) => at && one.at <= at).pop()?.state;
    const words = typeof value === 'number' ? withUnit(value, this.unit) : state;
    setText(this.readout, at === undefined || words === undefined ? '' : `${clock(at)}  ${words}`);
  }
}
