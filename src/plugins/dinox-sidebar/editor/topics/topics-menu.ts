import { el, setAttribute, toggle } from '../../../../editor/dom';
import type { Translate } from '../../../../editor/format';
import { button, select } from '../controls';
import { menuChoice, menuItem } from '../menu';
import type { Group, Preferences, Prefs, Sort } from '../prefs';

export interface TopicsMenuActions {
  /** Another order or grouping was chosen. */
  ordered(): void;
  /** Tiles or the tree were chosen. */
  laidOut(): void;
  explore(): void;
  publish(): void;
  clear(): void;
}

/** What the menu offers for the list of topics. */
export class TopicsMenu {
  readonly element: HTMLElement;
  /** What destroys something, apart from the rest. */
  readonly danger: HTMLElement;
  private readonly layouts = new Map<Prefs['layout'], HTMLButtonElement>();
  private readonly exploreItem: HTMLButtonElement;
  private readonly choices: HTMLElement;

  constructor(
    translate: Translate,
    private readonly prefs: Preferences,
    private readonly actions: TopicsMenuActions,
  ) {
    const segment = el('div', 'dxs-segment', { role: 'group', 'aria-label': translate('layout.label') });
    for (const [layout, symbol] of [
      ['tiles', 'th-large'],
      ['tree', 'sitemap'],
    ] as const) {
      const one = button(
        { icon: symbol, text: translate(`layout.${layout}`), class: `dxs-layout-${layout}` },
        () => this.lay(layout),
      );
      this.layouts.set(layout, one);
      segment.append(one);
    }
    this.choices = el(
      'div',
      'dxs-menu-choices',
      {},
      menuChoice(
        translate('sort.label'),
        select<Sort>(
          translate('sort.label'),
          (['name', 'newest', 'active', 'stale'] as const).map(
            (value) => [value, translate(`sort.${value}`)] as const,
          ),
          prefs.values.sort,
          (sort) => this.order({ sort }),
        ),
      ),
      menuChoice(
        translate('group.label'),
        select<Group>(
          translate('group.label'),
          (['none', 'path', 'last'] as const).map((value) => [value, translate(`group.${value}`)] as const),
          prefs.values.group,
          (group) => this.order({ group }),
        ),
      ),
    );
    this.exploreItem = menuItem('compass', translate('explore.label'), () => actions.explore());
    this.exploreItem.title = translate('explore.help');
    this.element = el(
      'div',
      'dxs-menu-part',
      {},
      segment,
      this.choices,
      this.exploreItem,
      menuItem('paper-plane-o', `${translate('publish.label')} …`, () => actions.publish()),
    );
    this.danger = menuItem('eraser', `${translate('clear.filtered')} …`, () => actions.clear(), 'dxs-danger');
    this.mark();
    this.markExploring(false);
  }

  markExploring(on: boolean): void {
    toggle(this.exploreItem, 'dxs-on', on);
    setAttribute(this.exploreItem, 'aria-pressed', String(on));
  }

  private order(choice: { sort?: Sort; group?: Group }): void {
    Object.assign(this.prefs.values, choice);
    this.prefs.save();
    this.actions.ordered();
  }

  private lay(layout: Prefs['layout']): void {
    if (layout === this.prefs.values.layout) return;
    this.prefs.values.layout = layout;
    this.prefs.save();
    this.mark();
    this.actions.laidOut();
  }

  private mark(): void {
    const { layout } = this.prefs.values;
    for (const [name, one] of this.layouts) {
      toggle(one, 'dxs-on', name === layout);
      setAttribute(one, 'aria-pressed', String(name === layout));
    }
    this.choices.hidden = layout !== 'tiles';
  }
}
