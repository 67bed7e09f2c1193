import assert from 'node:assert/strict';
import { clearRetained } from '../../../../../../src/plugins/dinox-sidebar/editor/topics/clear-retained';

interface Shown {
  text: string;
  buttons: { text: string; click(): void }[];
  isOpen: boolean;
}

/** An editor without a page: its notes, the clock of the browser, and a runtime that clears all it is told. */
class Editor {
  readonly notes: Shown[] = [];
  readonly timers: { ms: number; act(): void }[] = [];

  constructor() {
    // The keyboard, which a question takes, is none of it.
    const none = { find: () => none, first: () => none, trigger: () => none };
    const paragraph = { words: '', text: (words: string) => ({ ...paragraph, words }), closest: () => none };
    const $ = Object.assign(() => paragraph, {
      ajax: ({ data }: { data: string }) =>
        Promise.resolve({ cleared: JSON.parse(data).topics.length, failed: 0, lost: 0, undo: 'token' }),
    });
    const notify = ({ words }: { words: string }, { buttons = [] }: { buttons?: Shown['buttons'] }) => {
      const shown = { text: words, buttons, isOpen: true };
      this.notes.push(shown);
      return {
        close: () => {
          shown.isOpen = false;
        },
      };
    };
    const window = { setTimeout: (act: () => void, ms: number) => this.timers.push({ act, ms }) };
    Object.assign(globalThis, { $, RED: { notify }, window, document: { activeElement: null } });
  }

  async clear(topics: string[]): Promise<Shown | undefined> {
    clearRetained((key) => key, 'house', topics);
    this.notes.at(-1)?.buttons.at(-1)?.click();
    await new Promise((resolve) => setImmediate(resolve));
    return this.notes.find(({ text }) => text === 'clear.done');
  }
}

describe('sidebar: clearing retained messages', () => {
  afterEach(() => {
    for (const name of ['$', 'RED', 'window', 'document']) Reflect.deleteProperty(globalThis, name);
  });

  for (const [topics, ms] of [
    [['a', 'b'], 120_000],
    [['a'], 20_000],
  ] as const)
    it(`of ${topics.length}: the undo is offered for ${ms / 1_000} s`, async () => {
      const editor = new Editor();
      const note = await editor.clear([...topics]);
      assert.equal(note?.buttons.at(-1)?.text, 'clear.undo');
      for (const { act, ms: due } of editor.timers) if (due < ms) act();
      assert.ok(note.isOpen);
      for (const { act } of editor.timers) act();
      assert.ok(!note.isOpen);
    });
});
