import './page.css';
import { el, setText, svg } from '../../../../src/editor/dom';
import { LANGUAGE, translator } from '../../../../src/editor/tiles/texts';
import type { PhoneMessage, PhoneState } from '../state';
import { readEvents } from './events';
import german from './locales/de.json';
import english from './locales/en-US.json';

const translate = translator({ german, english });

/** The chat of the demo's phone. Texts of messages only ever become text. */
class Page {
  private readonly log = el('ol', 'log');
  private readonly main = el(
    'main',
    '',
    { tabindex: 0 },
    el('div', '', { role: 'log', 'aria-label': translate('log') }, this.log),
  );
  private readonly there = el('p', 'there', { role: 'status' });
  private readonly what = el('p', 'what');
  private readonly trouble = el('p', 'trouble', { role: 'alert', hidden: true });
  private readonly input = el('input', '', {
    ...{ type: 'text', maxlength: 2_000, autocomplete: 'off', enterkeyhint: 'send' },
    ...{ 'aria-label': translate('write'), placeholder: translate('write') },
  });
  private readonly shown = new Map<string, MessageView>();

  constructor() {
    document.documentElement.lang = LANGUAGE;
    document.title = translate('title');
    const who = el('div', 'who', {}, el('h1', '', {}, translate('house')), this.there);
    const tiles = el('a', '', { href: '../dinox/home/' }, translate('tiles'));
    const editor = el('a', '', { href: '../' }, translate('editor'));
    const send = el('button', 'button', { type: 'submit' }, translate('send'));
    const form = el('form', '', {}, this.input, send);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const text = this.input.value;
      this.input.value = '';
      this.say(text);
    });
    const asks = el('div', 'asks');
    for (const text of translate('asks').split('|')) {
      const ask = el('button', 'ask', { type: 'button' }, text);
      ask.addEventListener('click', () => this.say(text));
      asks.append(ask);
    }
    document.body.append(
      el('header', '', {}, who, tiles, editor, this.what),
      this.trouble,
      this.main,
      el('footer', '', {}, asks, form),
    );
    this.listen();
  }

  private listen(): void {
    readEvents(
      () => new EventSource('events'),
      {
        message: (data) => {
          this.trouble.hidden = true;
          this.show(JSON.parse(data) as PhoneState);
        },
        lost: () => this.fail(),
      },
      (ms, then) => setTimeout(then, ms),
    );
  }

  private fail(): void {
    setText(this.trouble, translate('lost'));
    this.trouble.hidden = false;
  }

  private show({ server, jid, isOnline, isHouseThere, messages }: PhoneState): void {
    setText(this.there, translate(!isOnline ? 'offline' : isHouseThere ? 'there' : 'away'));
    setText(this.what, translate(`server.${server}`, { jid }));
    const isAtEnd = this.main.scrollHeight - this.main.scrollTop - this.main.clientHeight < 60;
    const kept = new Set(messages.map(({ id }) => id));
    for (const [id, view] of this.shown) {
      if (kept.has(id)) continue;
      view.element.remove();
      this.shown.delete(id);
    }
    for (const message of messages) {
      const known = this.shown.get(message.id);
      if (known) known.show(message);
      else this.add(message);
    }
    if (isAtEnd) this.main.scrollTop = this.main.scrollHeight;
  }

  private add(message: PhoneMessage): void {
    const view = new MessageView(message, (emoji) => this.post('react', { id: message.id, emoji }));
    this.shown.set(message.id, view);
    this.log.append(view.element);
  }

  private say(text: string): void {
    if (text.trim() !== '') this.post('say', { text });
  }

  private post(path: string, body: object): void {
    const headers = { 'Content-Type': 'application/json' };
    fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }).then(
      ({ ok }) => ok || this.fail(),
      () => this.fail(),
    );
  }
}

/** Not every system has a font with emojis. */
function thumb(emoji: '👍' | '👎'): SVGElement {
  const hand =
    'M2 10h4v10H2zM8 20V10l4-8c2 0 3 1 3 3l-1 4h6c1.500 0 2.500 1 2 2.500l-2 7c-.3 1-1 1.500-2 1.500z';
  const picture = svg('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, svg('path', { d: hand }));
  if (emoji === '👎') picture.setAttribute('class', 'down');
  return picture;
}

const timeOf = (at: number): string =>
  new Date(at).toLocaleTimeString(LANGUAGE, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

class MessageView {
  readonly element: HTMLLIElement;
  private readonly bubble = el('div', 'bubble');
  private readonly note = el('span', 'note');
  private readonly buttons: HTMLButtonElement[] = [];

  constructor(message: PhoneMessage, react: (emoji: string | undefined) => void) {
    const below = el('div', 'below');
    if (message.from === 'house') {
      for (const [emoji, label] of [
        ['👍', translate('acknowledge')],
        ['👎', translate('silence')],
      ] as const) {
        const button = el(
          'button',
          'react',
          { type: 'button', 'aria-label': label, title: label },
          thumb(emoji),
        );
        button.dataset.emoji = emoji;
        button.addEventListener('click', () =>
          react(button.getAttribute('aria-pressed') === 'true' ? undefined : emoji),
        );
        this.buttons.push(button);
      }
    }
    below.append(...this.buttons, this.note);
    this.element = el('li', `message ${message.from} new`, {}, this.bubble, below);
    this.show(message);
  }

  show({ text, at, editedAt, reactions, state }: PhoneMessage): void {
    if (this.bubble.textContent !== '' && this.bubble.textContent !== text) {
      this.element.classList.remove('changed');
      // A reflow, without which the animation would not begin anew.
      void this.element.offsetWidth;
      this.element.classList.add('changed');
    }
    setText(this.bubble, text);
    const edited = editedAt === undefined ? '' : translate('edited', { time: timeOf(editedAt) });
    const arrived = state === undefined ? '' : ` · ${translate(`state.${state}`)}`;
    if (edited) this.note.replaceChildren(`${timeOf(at)} · `, el('span', 'edited', {}, edited));
    else setText(this.note, timeOf(at) + arrived);
    for (const button of this.buttons) {
      button.setAttribute('aria-pressed', String(reactions.includes(button.dataset.emoji ?? '')));
    }
  }
}

new Page();
