import { breakable, el } from '../../../../editor/dom';
import type { Translate } from '../../../../editor/format';
import type { TopicPlace, Watched } from '../rows';
import { replaceKeepingFocus, waysTo } from './ways';
import { distanceWords, titleOf } from './words';

/** Everything without an open alert, with its distance to the limit. Open while all is well, unless somebody closes it. */
export class WatchedList {
  readonly element = el('details', 'dxs-more dxs-watched');
  private readonly title = el('summary');
  private readonly list = el('ul', 'dxs-rows');
  private readonly rest = el('p', 'dxs-facts');
  private painted = '';
  private wasWell: boolean | undefined;

  constructor(
    private readonly translate: Translate,
    private readonly openTopic: (place: TopicPlace) => void,
  ) {
    this.element.append(this.title, this.list, this.rest);
    this.element.hidden = true;
  }

  /** @param isWell no alert is open */
  show({ count, keys }: { count: number; keys: readonly Watched[] }, isWell: boolean): void {
    const { translate } = this;
    this.element.hidden = count === 0;
    if (isWell !== this.wasWell) this.element.open = isWell;
    this.wasWell = isWell;
    const rows = keys.map((one) => [titleOf(one, translate), distanceWords(one, translate)] as const);
    const painted = JSON.stringify([count, rows, keys.map(({ node, place }) => [node, place])]);
    if (painted === this.painted) return;
    this.painted = painted;
    this.title.textContent = translate('alerts.watched', { count });
    const more = count - keys.length;
    this.rest.hidden = more === 0;
    this.rest.textContent = more > 0 ? translate('alerts.watchedMore', { count: more }) : '';
    replaceKeepingFocus(
      this.list,
      keys.map((one, i) => {
        const [title = '', words = ''] = rows[i] ?? [];
        return el(
          'li',
          'dxs-row',
          { 'data-about': `${one.node} ${one.key}` },
          el(
            'div',
            'dxs-row-words',
            {},
            el('p', 'dxs-name', {}, ...breakable(title)),
            el('p', 'dxs-facts', {}, words),
          ),
          ...waysTo(one, translate, this.openTopic),
        );
      }),
    );
  }
}
