import { el, icon, setText } from '../../../../editor/dom';
import { type Translate, visible } from '../../../../editor/format';
import { button } from '../controls';
import { type JsonLine, jsonLines } from './json-lines';

export interface JsonTreeActions {
  /** Shows the chart of a number. */
  chart(field: string): void;
  /** Puts a text into the clipboard. */
  copy(text: string): void;
}

/** The lines of a JSON payload. New values are written into the old lines, so that nothing jumps while one reads. */
export class JsonTree {
  readonly element = el('div', 'dxs-json');
  private structure = '';

  constructor(
    private readonly translate: Translate,
    private readonly actions: JsonTreeActions,
  ) {}

  /**
   * Shows a payload; false if it is no JSON.
   * @param charted names of the numbers that have a history.
   */
  show(payload: string, charted: ReadonlySet<string>): boolean {
    const lines = jsonLines(payload);
    if (!lines) return false;
    const structure = lines
      .map(({ path, kind, field }) => `${path} ${kind} ${charted.has(field ?? '\0')}`)
      .join('\n');
    if (structure !== this.structure) {
      this.structure = structure;
      this.element.replaceChildren(...lines.map((line) => this.line(line, charted)));
    }
    for (const [i, { text }] of lines.entries()) {
      const value = this.element.children[i]?.querySelector('.dxs-json-value');
      if (value) setText(value, visible(text, 400));
    }
    return true;
  }

  private line({ depth, key, kind, path, field }: JsonLine, charted: ReadonlySet<string>): HTMLElement {
    const value = el('span', `dxs-json-value dxs-json-${kind}`);
    const hasChart = field !== undefined && charted.has(field);
    const shown = hasChart
      ? el(
          'button',
          'dxs-json-chart',
          { type: 'button', title: this.translate('json.chart', { field: visible(field, 100) }) },
          value,
          icon('line-chart'),
        )
      : value;
    if (hasChart) shown.addEventListener('click', () => this.actions.chart(field));
    const line = el('div', 'dxs-json-line', {}, el('span', 'dxs-json-key', {}, visible(key, 100)), shown);
    line.style.paddingLeft = `${depth * 12}px`;
    if (kind !== 'more')
      line.append(
        button(
          {
            icon: 'clone',
            label: this.translate('json.copy', { path: visible(path, 200) }),
            class: 'dxs-copy',
          },
          () => this.actions.copy(path),
        ),
      );
    return line;
  }
}
