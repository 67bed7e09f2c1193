/// <reference path="../../../editor/red.d.ts" />
import './preview.css';
import type { Text } from '../../../base/text';
import { type ApiError, post } from '../../../editor/admin-api';
import { el, icon, setText } from '../../../editor/dom';
import { visible, visibleLines } from '../../../editor/format';
import { MessageField, type Placeholder } from '../../../editor/message-field';
import { readText } from '../../../editor/texts';
import { ageKey } from '../../../editor/topics/topics';
import { type Upstream, upstreamOf } from '../../../editor/topics/upstream';

/** The runtime's answer (`nodes/xmpp-out/admin.ts`). */
interface PreviewView {
  now: number;
  /** Time of the message; absent for a made-up one. */
  at?: number;
  files: number;
  /** Where the message comes from. */
  from: 'node' | 'topic' | 'nothing';
  /** Why the template cannot be read. */
  fault?: Text;
  placeholders: Placeholder[];
  topic?: string;
  formats: Record<string, Shown>;
}

interface Shown {
  text?: string;
  file?: { name: string; bytes: number; text: string };
  error?: { code: string; text: Text };
}

export interface PhonePreviewOptions {
  node: EditorNode;
  /** The element that it is drawn in. */
  place: HTMLElement;
  format(): string;
  /** The text area with the template. */
  message: JQuery;
  /** The sender that the phone shows. */
  sender(): string;
}

const LOOK_MS = 4_000;
/** Milliseconds behind the last key. */
const TYPED_MS = 250;

/** The message as the phone shows it: the node's last one, or a made-up one, in the chosen format. */
export class PhonePreview {
  private readonly from = el('div', 'dinox-bubble-from');
  private readonly body = el('div', 'dinox-bubble-body');
  private readonly time = el('div', 'dinox-bubble-time');
  private readonly bubble: HTMLElement;
  private readonly caption = el('div', 'dinox-phone-caption');
  private view: PreviewView | undefined;
  private painted = '';
  private readonly message: MessageField;
  private readonly upstream: Upstream;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private turn = 0;

  constructor(private readonly options: PhonePreviewOptions) {
    this.bubble = el('div', 'dinox-bubble', {}, this.from, this.body, this.time);
    options.place.append(el('div', 'dinox-phone', {}, this.bubble), this.caption);
    this.bubble.hidden = true;
    const { node, message } = options;
    this.upstream = upstreamOf(node);
    this.message = new MessageField({
      field: message,
      lead: node._('xmpp-out.preview.insert'),
      label: (name) => node._('xmpp-out.preview.insertOne', { name }),
      changed: () => this.soon(TYPED_MS),
    });
    void this.ask();
  }

  /** Draws again, after another format or sender was chosen. */
  paint(): void {
    const { view, options } = this;
    if (!view) return;
    const { node } = options;
    const shown = view.formats[options.format()] ?? {};
    setText(this.from, visible(options.sender(), 80));
    const key = JSON.stringify([shown, view.files]);
    if (key !== this.painted) {
      this.painted = key;
      this.body.replaceChildren(...this.content(shown, view.files));
    }
    const date = new Date(view.at ?? view.now);
    setText(this.time, date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }));
    this.bubble.hidden = false;
    this.message.show(view.placeholders, view.fault, (fault) => readText(fault));
    if (view.at === undefined || view.from === 'nothing')
      setText(this.caption, node._('xmpp-out.preview.madeUp'));
    else {
      const { key: unit, count } = ageKey(view.at, view.now);
      setText(
        this.caption,
        node._(`xmpp-out.preview.${view.from === 'topic' ? 'lastTopic' : 'last'}`, {
          age: node._(`xmpp-out.preview.age.${unit}`, { count }),
          topic: visible(view.topic ?? '', 120),
        }),
      );
    }
  }

  private content({ text, file, error }: Shown, files: number): Node[] {
    const { node } = this.options;
    if (error) {
      return [el('span', 'dinox-bubble-error', {}, visible(readText(error.text), 600))];
    }
    const parts: Node[] = [];
    if (text) parts.push(el('div', 'dinox-bubble-text', {}, visibleLines(text)));
    if (file) {
      parts.push(
        this.file(visible(file.name, 80), node._('xmpp-out.preview.bytes', { bytes: file.bytes })),
        el('div', 'dinox-bubble-inside', {}, visibleLines(file.text.slice(0, 300))),
      );
    }
    const more = files - (file ? 1 : 0);
    if (more > 0) parts.push(this.file(node._('xmpp-out.preview.files', { count: more })));
    return parts;
  }

  private file(name: string, size?: string): HTMLElement {
    return el(
      'div',
      'dinox-bubble-file',
      {},
      icon('file-o'),
      el('span', '', {}, name),
      size ? el('small', '', {}, size) : undefined,
    );
  }

  /** Topics whose messages come here as they are: what other nodes make of them is not known. */
  get sources(): Upstream['sources'] {
    return this.upstream.through ? [] : this.upstream.sources;
  }

  private async ask(): Promise<void> {
    const { node, place } = this.options;
    this.turn += 1;
    const { turn } = this;
    try {
      const view = await post<PreviewView>('dinox/xmpp-out/preview', {
        id: node.id,
        message: this.message.value,
        sources: this.sources,
      });
      // Something was typed meanwhile.
      if (turn !== this.turn) return;
      this.view = view;
      this.paint();
    } catch (error) {
      const { isForbidden } = error as ApiError;
      setText(this.caption, node._(`xmpp-out.preview.${isForbidden ? 'forbidden' : 'lost'}`));
      if (isForbidden) return;
    }
    if (turn === this.turn && document.contains(place)) this.soon(LOOK_MS);
  }

  private soon(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (document.contains(this.options.place)) void this.ask();
    }, ms);
  }
}
