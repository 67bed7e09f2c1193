/// <reference path="../../../editor/red.d.ts" />
import { type ApiError, post } from '../../../editor/admin-api';
import { el, icon, setText } from '../../../editor/dom';
import type { Translate } from '../../../editor/format';
import { readText } from '../../../editor/texts';

/** The button that lets the deployed node send a sample alert, with the reason if it cannot. */
export class TestButton {
  readonly element: HTMLElement;
  /** True if the node is deployed and works; undefined: not known. */
  running: boolean | undefined;
  private readonly button = el(
    'button',
    'red-ui-button',
    { type: 'button', id: 'dinox-alert-test', 'aria-describedby': 'dinox-alert-test-note' },
    icon('paper-plane-o'),
  );
  private readonly note = el('span', 'dal-reason', { id: 'dinox-alert-test-note', role: 'status' });
  /** Result of the last press. */
  private outcome = '';
  private busy = false;

  constructor(
    private readonly node: EditorNode,
    private readonly translate: Translate,
    private readonly isChanged: () => boolean,
    private readonly key: () => string | undefined,
  ) {
    this.button.append(` ${translate('test.button')}`);
    this.button.addEventListener('click', () => void this.send());
    this.element = el('div', 'dal-test', {}, this.button, this.note);
  }

  paint(): void {
    const why = this.why;
    // The keyboard still reaches it, so that screen readers tell the reason.
    this.button.setAttribute('aria-disabled', String(why !== undefined));
    this.button.classList.toggle('dal-off', why !== undefined);
    setText(this.note, why === undefined ? this.outcome : this.said(why));
  }

  /** That it is not deployed, the runtime says in the same words. */
  private said(why: string): string {
    return why === 'notDeployed' ? readText({ key: 'route.notDeployed' }) : this.translate(`test.${why}`);
  }

  private get why(): string | undefined {
    if (!RED.user.hasPermission('dinox.write')) return 'forbidden';
    if (this.running === false) return 'notDeployed';
    return this.node.changed === true || this.isChanged() ? 'changed' : undefined;
  }

  private async send(): Promise<void> {
    if (this.why !== undefined || this.busy) return;
    this.busy = true;
    const key = this.key();
    try {
      const { text, wired } = await post<{ text: string; wired: boolean }>(
        `dinox/alerts/${encodeURIComponent(this.node.id)}/test`,
        { key },
      );
      const [first = ''] = text.split('\n');
      this.outcome = this.translate(wired ? 'test.sent' : 'test.unwired', { text: first.slice(0, 200) });
    } catch (error) {
      const { isForbidden, code, params, message } = error as ApiError;
      if (isForbidden) this.outcome = this.translate('test.forbidden');
      else if (code === 'often') this.outcome = this.translate('test.often', params);
      else this.outcome = message || this.translate('test.failed');
    }
    this.busy = false;
    this.paint();
  }
}
