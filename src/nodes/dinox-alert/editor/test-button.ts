/// <reference path="../../../editor/red.d.ts" />

type Say = (key: string, values?: Record<string, string | number>) => string;

/** Lets the deployed node send a sample alert; says why, where that cannot be. */
export class TestButton {
  readonly element = document.createElement('div');
  /** The node is deployed, and works; undefined: not known. */
  running: boolean | undefined;
  private readonly button = document.createElement('button');
  private readonly note = document.createElement('span');
  /** What came of the last press. */
  private outcome = '';
  private busy = false;

  constructor(
    private readonly node: EditorNode,
    private readonly say: Say,
    private readonly isChanged: () => boolean,
    private readonly key: () => string | undefined,
  ) {
    const { element, button, note } = this;
    element.className = 'dal-test';
    button.type = 'button';
    button.id = 'dinox-alert-test';
    button.className = 'red-ui-button';
    const icon = document.createElement('i');
    icon.className = 'fa fa-paper-plane-o';
    icon.setAttribute('aria-hidden', 'true');
    button.append(icon, ` ${say('test.button')}`);
    note.id = 'dinox-alert-test-note';
    note.className = 'dal-reason';
    note.setAttribute('role', 'status');
    button.setAttribute('aria-describedby', note.id);
    button.addEventListener('click', () => void this.send());
    element.append(button, note);
  }

  paint(): void {
    const why = this.why;
    // It can be reached with the keyboard all the same, so that one hears why.
    this.button.setAttribute('aria-disabled', String(why !== undefined));
    this.button.classList.toggle('dal-off', why !== undefined);
    const text = why ? this.say(`test.${why}`) : this.outcome;
    if (this.note.textContent !== text) this.note.textContent = text;
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
      const { text, wired } = (await $.ajax({
        url: `dinox/alerts/${encodeURIComponent(this.node.id)}/test`,
        method: 'POST',
        contentType: 'application/json',
        dataType: 'json',
        data: JSON.stringify({ ...(key === undefined ? {} : { key }) }),
      })) as { text: string; wired: boolean };
      const [first = ''] = text.split('\n');
      this.outcome = this.say(wired ? 'test.sent' : 'test.unwired', { text: first.slice(0, 200) });
    } catch (error) {
      const { status = 0, responseJSON } = error as JQuery.jqXHR;
      const { error: code = '', params } = (responseJSON ?? {}) as {
        error?: string;
        params?: Record<string, number>;
      };
      const known = ['notDeployed', 'faulty', 'often'].includes(code);
      this.outcome = this.say(
        `test.${status === 401 || status === 403 ? 'forbidden' : known ? code : 'failed'}`,
        params,
      );
    }
    this.busy = false;
    this.paint();
  }
}
