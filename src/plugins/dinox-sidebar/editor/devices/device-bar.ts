import { el, icon, setText } from '../../../../editor/dom';
import { type Translate, visible } from '../../../../editor/format';
import { button } from '../controls';
import type { DeviceCard } from './device-cards';

/** The line above the topics of one device: its name, and the way back to all. */
export class DeviceBar {
  readonly element: HTMLElement;
  private readonly name = el('h3', 'dxs-name');
  private readonly area = el('span', 'dxs-note');

  constructor(translate: Translate, back: () => void) {
    this.element = el(
      'div',
      'dxs-device-bar',
      {},
      button({ icon: 'arrow-left', label: translate('card.back') }, back),
      icon('cubes'),
      this.name,
      this.area,
    );
    this.element.hidden = true;
  }

  show(card: DeviceCard | undefined): void {
    this.element.hidden = card === undefined;
    setText(this.name, visible(card?.name ?? '', 120));
    setText(this.area, visible(card?.area ?? '', 100));
  }
}
