import { brokerPath, get } from '../../../../editor/admin-api';
import { el, setText } from '../../../../editor/dom';
import { bytes, pretty, type Translate, visible, visibleLines } from '../../../../editor/format';
import { button } from '../controls';
import type { Row } from '../rows';
import { JsonTree, type JsonTreeActions } from './json-tree';

interface ShownValue {
  kind: Row['kind'];
  bytes: number;
  complete: boolean;
  text?: string;
  hex?: string;
  mime?: string;
  base64?: string;
  /** Filter by which a flow receives the topic, if it is not the topic itself. */
  filter?: string;
}

/** Media types shown as pictures; anything else is shown as text. */
const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/** The whole last payload: text unchanged, JSON indented, a picture as a picture. */
export class PayloadView {
  readonly element = el('div', 'dxs-payload');
  private readonly text = el('pre', '', { tabindex: '0' });
  private readonly picture = el('img', '', { alt: '' });
  private readonly cut = el('span', 'dxs-note');
  private readonly typed = el('span', 'dxs-note');
  private readonly tree: JsonTree;
  private readonly copy: HTMLButtonElement;
  private whole = '';
  private filter: { topic: string; filter: string } | undefined;
  private asked: AbortController | undefined;
  private shown = '';

  constructor(
    private readonly translate: Translate,
    actions: JsonTreeActions,
  ) {
    this.tree = new JsonTree(translate, actions);
    this.copy = button(
      { icon: 'clone', text: translate('copy.short'), title: translate('copy.payload') },
      () => actions.copy(this.whole),
    );
    this.text.setAttribute('aria-label', translate('detail.payload'));
    this.picture.alt = translate('kind.picture');
    this.picture.hidden = true;
    this.element.append(
      el('div', 'dxs-bar', {}, el('span', 'dxs-note dxs-grow', {}, translate('detail.payload')), this.copy),
      this.tree.element,
      this.text,
      this.picture,
      this.cut,
      this.typed,
    );
  }

  /** Asks for the payload of `row` unless the same is shown already. */
  async show(broker: string, row: Row): Promise<void> {
    const version = `${broker}\0${row.topic}\0${row.at}\0${row.count}\0${row.bytes}`;
    if (version === this.shown) return;
    this.shown = version;
    this.asked?.abort();
    const asked = new AbortController();
    this.asked = asked;
    try {
      const value = await get<ShownValue>(brokerPath(broker, 'value'), { topic: row.topic }, asked.signal);
      if (this.asked === asked) this.paint(value, row);
    } catch {
      // The next value follows; the list shows the fault.
    }
  }

  /** This topic's filter in a flow. */
  filterOf(topic: string): string {
    return this.filter?.topic === topic ? this.filter.filter : topic;
  }

  private paint(value: ShownValue, { topic, fields = {} }: Row): void {
    const { mime, base64, complete, filter } = value;
    this.filter = filter === undefined ? undefined : { topic, filter };
    this.whole = value.text ?? value.hex ?? '';
    setText(
      this.typed,
      filter === undefined ? '' : this.translate('detail.typed', { filter: visible(filter, 300) }),
    );
    this.typed.hidden = filter === undefined;
    const isPicture = complete && base64 !== undefined && mime !== undefined && PICTURES.includes(mime);
    this.picture.hidden = !isPicture;
    const isTree =
      !isPicture && value.text !== undefined && this.tree.show(value.text, new Set(Object.keys(fields)));
    this.tree.element.hidden = !isTree;
    this.text.hidden = isPicture || isTree;
    this.copy.hidden = isPicture;
    if (isPicture) this.picture.src = `data:${mime};base64,${base64}`;
    else setText(this.text, visibleLines(value.text === undefined ? (value.hex ?? '') : pretty(value.text)));
    setText(this.cut, complete ? '' : this.translate('detail.cut', { bytes: bytes(value.bytes) }));
    this.cut.hidden = complete;
  }
}
