import assert from 'node:assert/strict';
import { confirm, note } from '../../../../../src/plugins/dinox-sidebar/editor/notes';
import type { NotifyButton } from '../../../../../src/plugins/dinox-sidebar/editor/red';

describe('notes with buttons', () => {
  const page = globalThis as unknown as Record<string, unknown>;
  let buttons: NotifyButton[] = [];

  before(() => {
    // Everything that is asked of an element gives the element.
    const content: unknown = new Proxy(() => content, { get: () => () => content });
    page.$ = content;
    page.window = { setTimeout: () => 0 };
    page.document = { activeElement: null, body: null };
    page.RED = {
      notify: (_content: unknown, options: { buttons: NotifyButton[] }) => {
        buttons = options.buttons;
        return { close: () => {} };
      },
    };
  });
  after(() => {
    for (const name of ['$', 'window', 'document', 'RED']) delete page[name];
  });

  it('a double click answers a question once, though the note fades slowly', () => {
    let done = 0;
    confirm('Clear?', 'Clear', 'Cancel', () => {
      done += 1;
    });
    buttons[1]?.click({ detail: 1 });
    buttons[1]?.click({ detail: 2 });
    buttons[1]?.click({ detail: 1 });
    assert.equal(done, 1);
  });

  it('its second half does not undo what the first one did, where the next note comes to the same place', () => {
    let undone = 0;
    const undo = {
      text: 'Undo',
      click: () => {
        undone += 1;
      },
    };
    note('Cleared', 'success', [undo]);
    buttons[0]?.click({ detail: 2 });
    assert.equal(undone, 0);
    // By keyboard.
    buttons[0]?.click({ detail: 0 });
    assert.equal(undone, 1);
  });
});
