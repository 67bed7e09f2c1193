import { brokerPath, post } from '../../../../editor/admin-api';
import type { Translate } from '../../../../editor/format';
import { visible } from '../../../../editor/format';
import { readText } from '../../../../editor/texts';
import type { Cleared, Restored } from '../../clearing-answers';
import { confirm, note, whatFailed } from '../notes';
import { type NotifyButton, red } from '../red';
import { undoAll } from './undo-all';

/** Topics of one step, and of all steps: as many as the runtime can restore. */
const STEP = 500;
const MAX = 20_000;
/** Milliseconds for which the note offers the undo: it lies over the flow. The runtime keeps them longer. */
const RESTORABLE = 2 * 60_000;

/** Removes retained messages: asks first, in steps that can be stopped, tells the number, and offers to restore them. */
export function clearRetained(translate: Translate, broker: string, topics: string[]): void {
  const some = topics.slice(0, MAX);
  if (some.length === 0) {
    note(translate('clear.none'), 'warning');
    return;
  }
  const question =
    some.length === 1
      ? translate('clear.askOne', { topic: visible(some[0] ?? '', 200) })
      : translate('clear.askMany', { count: some.length });
  confirm(
    question,
    translate('clear.yes', { count: some.length }),
    translate('clear.no'),
    () => void clear(translate, broker, some),
  );
}

async function clear(translate: Translate, broker: string, topics: string[]): Promise<void> {
  const steps = new Steps(translate, 'clear.doing', topics.length > STEP ? topics.length : 0);
  const undos: string[] = [];
  const sum = { cleared: 0, failed: 0, lost: 0 };
  let why = '';
  try {
    for (let at = 0; at < topics.length && !steps.isStopped; at += STEP) {
      const answer = await post<Cleared>(brokerPath(broker, 'clear'), {
        topics: topics.slice(at, at + STEP),
      });
      sum.cleared += answer.cleared;
      sum.failed += answer.failed;
      sum.lost += answer.lost;
      if (answer.undo) undos.push(answer.undo);
      if (answer.why) why ||= visible(readText(answer.why), 300);
      steps.show(sum.cleared);
      // What refuses a whole step refuses the next one, too.
      if (answer.cleared === 0) break;
    }
  } catch (error) {
    note(whatFailed(error, translate), 'error');
  }
  steps.end();
  if (sum.failed > 0) note(translate('clear.failed', { failed: sum.failed, why }), 'error');
  if (sum.cleared === 0) return;
  const text =
    translate('clear.done', { count: sum.cleared }) +
    (sum.lost > 0 ? ` ${translate('clear.lost', { count: sum.lost })}` : '');
  if (undos.length === 0) note(text);
  else
    offer(translate, topics.length, text, 'success', {
      text: translate('clear.undo'),
      click: () => void undoClear(translate, broker, undos, sum.cleared),
    });
}

/** A note with something to do. That of several topics stays longer, and can be closed: one looks at many at a time. */
function offer(
  translate: Translate,
  topics: number,
  text: string,
  type: 'success' | 'error',
  act: NotifyButton,
): void {
  const button = { class: 'primary', ...act };
  if (topics === 1) note(text, type, [button]);
  else note(text, type, [{ text: translate('dialog.close'), click: () => {} }, button], RESTORABLE);
}

async function undoClear(
  translate: Translate,
  broker: string,
  undos: readonly string[],
  count: number,
): Promise<void> {
  const steps = new Steps(translate, 'clear.undoing', undos.length > 1 ? count : 0);
  const { restored, newer, failed, why, left, error } = await undoAll(
    undos,
    (undo) => post<Restored>(brokerPath(broker, 'undo'), { undo }),
    (done) => steps.show(done),
  );
  steps.end();
  if (restored > 0) note(translate('clear.undone', { count: restored }));
  if (newer > 0) note(translate('clear.newer', { count: newer }), 'warning');
  const reason = error === undefined ? why && visible(readText(why), 300) : whatFailed(error, translate);
  if (!reason) return;
  const text = failed > 0 ? translate('clear.notUndone', { failed, why: reason }) : reason;
  if (left.length === 0) note(text, 'error');
  else
    offer(translate, count, text, 'error', {
      text: translate('clear.again'),
      click: () => void undoClear(translate, broker, left, Math.max(0, count - restored - newer)),
    });
}

/** A note that tells how far it is, for a clearing with a button that stops; none for what is done at once. */
class Steps {
  isStopped = false;
  private readonly words = $('<p>');
  private readonly shown: { close(): void } | undefined;

  constructor(
    private readonly translate: Translate,
    private readonly key: string,
    private readonly count: number,
  ) {
    if (count === 0) return;
    this.show(0);
    const stop = () => {
      this.isStopped = true;
    };
    const buttons = key === 'clear.doing' ? [{ text: translate('clear.stop'), click: stop }] : [];
    this.shown = red().notify(this.words, { type: 'success', fixed: true, buttons });
  }

  show(done: number): void {
    this.words.text(this.translate(this.key, { done, count: this.count }));
  }

  end(): void {
    this.shown?.close();
  }
}
