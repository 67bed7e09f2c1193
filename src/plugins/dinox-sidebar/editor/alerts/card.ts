import { breakable, el, icon } from '../../../../editor/dom';
import { age, type Translate, until as untilText, visible } from '../../../../editor/format';
import { button } from '../controls';
import type { Alert, TopicPlace } from '../rows';
import { sparkElement } from '../topics/sparklines';
import { waysTo } from './ways';
import { conditionWords, titleOf } from './words';

/** Silences that need no typing: the command, and the key of its words. */
const SILENCES = [
  ['1h', '1h'],
  ['8h', '8h'],
  ['until 7', 'until7'],
] as const;

export interface CardActions {
  /** Sends a command; `typed` is what stands beside its button. */
  command(alert: Alert, cmd: string, typed?: string): Promise<void>;
  openTopic(place: TopicPlace): void;
}

/** What somebody has typed and opened in cards, which are made anew while they look. */
export class CardMemory {
  readonly notes = new Map<string, string>();
  readonly silences = new Map<string, string>();
  readonly opened = new Set<string>();

  /** A command was obeyed: its field is empty the next time. */
  done(id: string, cmd: string): void {
    if (cmd === 'ack') this.notes.delete(id);
    if (cmd !== 'silence') return;
    this.silences.delete(id);
    this.opened.delete(id);
  }

  /** Forgets alerts that are over. */
  keep(ids: ReadonlySet<string>): void {
    for (const known of [this.notes, this.silences, this.opened])
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
  }
}

/** The same for an alert as long as it is open. */
export const idOf = ({ node, id, key }: Alert): string => `${node} ${id ?? key}`;

/** An open alert: its condition in words, its day, and what can be done. */
export function alertCard(
  alert: Alert,
  now: number,
  memory: CardMemory,
  translate: Translate,
  actions: CardActions,
): { element: HTMLElement; spark: SVGSVGElement } {
  const title = titleOf({ ...alert, title: alert.facts?.title }, translate);
  const words = conditionWords(alert, translate);
  const isKnown = alert.acked !== undefined || alert.silencedUntil !== undefined;
  const spark = sparkElement();
  spark.classList.add('dxs-alert-spark');
  const act = (act: string, cmd: string, symbol: string): HTMLButtonElement =>
    acting(act, { icon: symbol, text: translate(`alerts.${cmd}`) }, () => actions.command(alert, cmd));
  const facts = [
    visible(alert.name, 100),
    alert.acked ? ackedText(alert.acked, now, translate) : '',
    alert.silencedUntil ? translate('alerts.silenced', { time: untilText(alert.silencedUntil, now) }) : '',
    quietText(alert, now, translate),
  ];
  const element = el(
    'article',
    `dxs-alert ${alert.severity === 'critical' ? 'dxs-critical' : ''} ${isKnown ? 'dxs-known' : ''}`,
    { 'aria-label': `${title}: ${words}`, 'data-about': idOf(alert) },
    el(
      'header',
      '',
      {},
      icon(alert.state === 'nodata' ? 'question-circle' : 'bell'),
      el('h3', 'dxs-name', {}, ...breakable(title)),
      el('span', 'dxs-age', {}, age(now - (alert.startedAt ?? alert.since), translate)),
    ),
    el('p', 'dxs-said', {}, words),
    spark,
    el('p', 'dxs-facts', {}, facts.filter(Boolean).join(' · ')),
    el(
      'div',
      'dxs-bar',
      {},
      alert.acked ? act('ack off', 'unack', 'undo') : acknowledge(alert, memory, translate, actions),
      alert.silencedUntil
        ? act('silence off', 'unsilence', 'bell-o')
        : silence(alert, memory, translate, actions),
      // A device that was removed would be missed for ever.
      ...(alert.subject ? [act('forget', 'forget', 'trash-o')] : []),
      ...waysTo(alert, translate, (place) => actions.openTopic(place)),
    ),
  );
  return { element, spark };
}

/** A button that the keyboard finds again after a repaint. */
function acting(
  act: string,
  looks: { icon?: string; text: string; title?: string },
  press: () => unknown,
): HTMLButtonElement {
  const made = button({ ...looks, class: 'dxs-text' }, press);
  made.dataset.act = act;
  return made;
}

/** A field for a command, whose text outlives a repaint. Enter is its button. */
function typedField(
  id: string,
  known: Map<string, string>,
  words: { hint: string; label: string },
  button: () => HTMLButtonElement,
): HTMLInputElement {
  const input = el('input', 'dxs-input', {
    type: 'text',
    maxlength: '300',
    placeholder: words.hint,
    'aria-label': words.label,
  });
  input.value = known.get(id) ?? '';
  input.addEventListener('input', () => known.set(id, input.value));
  input.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key !== 'Enter') return;
    // Else the button, which has the keyboard then, is pressed by the same key once more.
    event.preventDefault();
    const press = button();
    press.focus();
    press.click();
  });
  return input;
}

/** The button, and a field for a time and a note. */
function acknowledge(
  alert: Alert,
  { notes }: CardMemory,
  translate: Translate,
  { command }: CardActions,
): HTMLElement {
  const press = acting('ack', { icon: 'check', text: translate('alerts.ack') }, () =>
    command(alert, 'ack', input.value),
  );
  const words = { hint: translate('alerts.ackHint'), label: translate('alerts.ackNote') };
  const input = typedField(idOf(alert), notes, words, () => press);
  input.classList.add('dxs-ack');
  return el('span', 'dxs-bar', {}, press, input);
}

/** The usual silences, and a field for any other, behind one button. */
function silence(
  alert: Alert,
  { silences, opened }: CardMemory,
  translate: Translate,
  { command }: CardActions,
): HTMLElement {
  const id = idOf(alert);
  const press = acting('silence typed', { text: translate('alerts.silenceFor') }, () =>
    command(alert, 'silence', input.value),
  );
  const words = { hint: translate('alerts.silenceHint'), label: translate('alerts.silenceTyped') };
  const input = typedField(id, silences, words, () => press);
  const usual = SILENCES.map(([typed, key]) =>
    acting(`silence ${typed}`, { text: translate(`alerts.silences.${key}`) }, () =>
      command(alert, 'silence', typed),
    ),
  );
  const opens = el(
    'summary',
    'dxs-button dxs-text',
    { 'data-act': 'silence' },
    icon('bell-slash-o'),
    el('span', '', {}, translate('alerts.silence')),
  );
  const choices = el('div', 'dxs-bar', { role: 'group', 'aria-label': translate('alerts.silence') });
  choices.append(...usual, el('span', 'dxs-bar', {}, input, press));
  const element = el('details', 'dxs-silence', { open: opened.has(id) }, opens, choices);
  element.addEventListener('toggle', () => {
    if (element.open) opened.add(id);
    else opened.delete(id);
  });
  return element;
}

/** Why nothing is sent, and until when; silences have a line of their own. */
function quietText({ quiet, flapping, heldBy }: Alert, now: number, translate: Translate): string {
  const plain = flapping ? translate('alerts.flapping') : '';
  if (!quiet || quiet.by === 'silence') return plain;
  if (heldBy) return translate('alerts.heldBy', { which: `#${heldBy.number} ${visible(heldBy.key, 60)}` });
  const why = translate(`alerts.quiet.${quiet.by}`);
  const said =
    quiet.until === null
      ? why
      : translate('alerts.quietUntil', { why, time: untilText(Date.parse(quiet.until), now) });
  return [quiet.by === 'flapping' ? '' : plain, said].filter(Boolean).join(' · ');
}

/** The line about an acknowledgement: its author, its end, its note. */
export function ackedText(
  { by = '', until, note }: NonNullable<Alert['acked']>,
  now: number,
  translate: Translate,
): string {
  const name = visible(by, 60);
  const said =
    until === undefined
      ? translate('alerts.acked', { by: name })
      : translate('alerts.ackedUntil', { by: name, time: untilText(until, now) });
  return note ? `${said}: ${visible(note, 300)}` : said;
}
