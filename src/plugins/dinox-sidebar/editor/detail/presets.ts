import type { Preset } from '../../../../answers/presets';
import { brokerPath, get, post, remove } from '../../../../editor/admin-api';
import { el } from '../../../../editor/dom';
import { type Translate, visible } from '../../../../editor/format';
import { button } from '../controls';
import { whatFailed } from '../notes';
import type { LastPublication } from '../prefs';

/** The form whose contents are saved. */
export interface PresetForm {
  broker(): string;
  /** Only those of this topic are listed; undefined: all. */
  topic: string | undefined;
  read(): LastPublication;
  fill(preset: LastPublication): void;
}

interface Answer {
  presets: Preset[];
}

/** Publications that are saved by name on the server, for everybody: chosen to fill the form, saved, renamed, deleted. */
export class PresetBar {
  readonly list: HTMLSelectElement;
  readonly element: HTMLElement;
  private presets: Preset[] = [];
  private readonly name: HTMLInputElement;
  private readonly chat = el('input', '', { type: 'checkbox' });
  private readonly status = el('span', 'dxs-note', { role: 'status' });
  private readonly forget: HTMLButtonElement;

  constructor(
    private readonly translate: Translate,
    private readonly form: PresetForm,
  ) {
    const label = translate('preset.list');
    this.list = el('select', 'dxs-select', { 'aria-label': label, title: label });
    this.list.addEventListener('change', () => this.choose());
    this.name = el('input', 'dxs-input', {
      type: 'text',
      maxlength: 60,
      'aria-label': translate('preset.name'),
      placeholder: translate('preset.name'),
      autocomplete: 'off',
    });
    // Enter saves here, and does not publish.
    this.name.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      void this.save();
    });
    this.forget = button({ icon: 'trash-o', text: translate('preset.forget') }, () => void this.remove());
    this.element = el(
      'details',
      'dxs-preset',
      {},
      el('summary', '', {}, translate('preset.title')),
      this.name,
      el('label', 'dxs-check', {}, this.chat, translate('preset.chat')),
      el('div', 'dxs-note', {}, translate('preset.chatHelp')),
      el(
        'div',
        'dxs-bar',
        {},
        button({ icon: 'floppy-o', text: translate('preset.save') }, () => void this.save()),
        this.forget,
        this.status,
      ),
    );
    this.show([]);
    // Somebody who may not read them has none.
    if (form.broker() !== '')
      void get<Answer>(this.path()).then(
        ({ presets }) => this.show(presets),
        () => {},
      );
  }

  private get chosen(): Preset | undefined {
    return this.presets.find(({ name }) => name === this.list.value);
  }

  private path(name?: string): string {
    const path = brokerPath(this.form.broker(), 'presets');
    return name === undefined ? path : `${path}/${encodeURIComponent(name)}`;
  }

  private show(presets: Preset[], chosen = ''): void {
    const { topic } = this.form;
    this.presets = presets.filter((one) => topic === undefined || one.topic === topic);
    this.list.replaceChildren(
      el('option', '', { value: '' }, this.translate('preset.list')),
      ...this.presets.map(({ name }) => el('option', '', { value: name }, visible(name, 60))),
    );
    this.list.hidden = this.presets.length === 0;
    this.list.value = this.presets.some(({ name }) => name === chosen) ? chosen : '';
    this.forget.hidden = this.list.value === '';
  }

  private choose(): void {
    const { chosen } = this;
    this.forget.hidden = !chosen;
    this.name.value = chosen?.name ?? '';
    this.chat.checked = chosen?.chat ?? false;
    this.status.textContent = '';
    if (chosen) this.form.fill(chosen);
  }

  private save(): Promise<void> {
    const { topic, payload, qos, retain } = this.form.read();
    const preset = { name: this.name.value, topic, payload, qos, retain, chat: this.chat.checked };
    return this.tell('preset.saved', async () => {
      const replaces = this.chosen?.name;
      const { presets } = await post<Answer>(this.path(), {
        ...preset,
        ...(replaces === undefined ? {} : { replaces }),
      });
      const kept = preset.name.trim().replace(/\s+/g, ' ');
      this.show(presets, kept);
    });
  }

  private remove(): Promise<void> {
    return this.tell('preset.forgotten', async () => {
      const { chosen } = this;
      if (!chosen) return;
      await remove(this.path(chosen.name));
      this.show((await get<Answer>(this.path())).presets);
      this.name.value = '';
    });
  }

  private async tell(done: string, act: () => Promise<void>): Promise<void> {
    this.status.className = 'dxs-note';
    this.status.textContent = '';
    try {
      await act();
      this.status.textContent = this.translate(done);
    } catch (error) {
      this.status.className = 'dxs-note dxs-fault';
      this.status.textContent = whatFailed(error, this.translate);
    }
  }
}
