import { el, icon, setAttribute } from '../../../editor/dom';
import { type Translate, visible } from '../../../editor/format';
import { readText } from '../../../editor/texts';
import { button } from './controls';
import { red } from './red';
import type { ExploreState } from './rows';

/** Reasons for an empty list, each with the icon above its words. */
const ICONS = {
  loading: 'circle-o-notch',
  forbidden: 'lock',
  offline: 'chain-broken',
  missing: 'cloud-upload',
  regex: 'search',
  search: 'search',
  silent: 'leaf',
  exploring: 'compass',
  disconnected: 'plug',
  noBroker: 'plug',
  noMatch: 'search',
  noDevices: 'cubes',
  unannounced: 'cubes',
} as const;

export type Why = keyof typeof ICONS;

/** Help for an empty list: the reason, and a button for the next step. */
export class EmptyState {
  readonly element = el('div', 'dxs-empty', { role: 'status' });

  constructor(
    private readonly translate: Translate,
    /** The key of the button's text, and its action. */
    private readonly help: Readonly<Partial<Record<Why, readonly [string, () => void]>>>,
  ) {
    this.element.hidden = true;
  }

  show(why: Why | undefined): void {
    this.element.hidden = why === undefined;
    if (this.element.getAttribute('data-why') === (why ?? null)) return;
    setAttribute(this.element, 'data-why', why);
    if (why === undefined) return;
    const act = this.help[why];
    this.element.replaceChildren(
      icon(ICONS[why]),
      el('p', '', {}, this.translate(`empty.${why}`)),
      ...(act ? [button({ text: this.translate(act[0]) }, act[1])] : []),
    );
  }
}

/** Node-RED knows no connection, but the deployed flows have one: a deploy is making it. */
export function isBrokerComing(): boolean {
  let found = false;
  // One that belongs to a flow may be disabled with it.
  red().nodes.eachConfig(({ type, d, z }) => {
    found = type === 'dinox-broker' && d !== true && !z;
    return !found;
  });
  return found && !red().nodes.dirty();
}

/** Why not every topic can be received; empty where it can. */
export function reasonOf({ reason }: ExploreState, translate: Translate): string {
  if (reason === 'wildcards') return translate('explore.wildcards');
  return reason ? visible(readText(reason), 500) : '';
}
