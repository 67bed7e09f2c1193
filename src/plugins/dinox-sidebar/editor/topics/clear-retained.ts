import type { Text } from '../../../../base/text';
import { brokerPath, post } from '../../../../editor/admin-api';
import type { Translate } from '../../../../editor/format';
import { visible } from '../../../../editor/format';
import { readText } from '../../../../editor/texts';
import { confirm, note, whatFailed } from '../notes';

interface Cleared {
  cleared: number;
  failed: number;
  lost: number;
  why?: Text;
  undo?: string;
}

/** Maximum topics in one request. */
const MAX = 2_000;

/** Removes retained messages: asks first, tells the number, and offers to restore them. */
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
  try {
    const answer = await post<Cleared>(brokerPath(broker, 'clear'), { topics });
    const { cleared, failed, lost, why, undo } = answer;
    if (failed > 0)
      note(translate('clear.failed', { failed, why: why ? visible(readText(why), 300) : '' }), 'error');
    if (cleared === 0) return;
    const text =
      translate('clear.done', { count: cleared }) +
      (lost > 0 ? ` ${translate('clear.lost', { count: lost })}` : '');
    if (!undo) note(text);
    else
      note(text, 'success', [
        {
          text: translate('clear.undo'),
          class: 'primary',
          click: () => void undoClear(translate, broker, undo),
        },
      ]);
  } catch (error) {
    note(whatFailed(error, translate), 'error');
  }
}

async function undoClear(translate: Translate, broker: string, undo: string): Promise<void> {
  try {
    const { restored } = await post<{ restored: number }>(brokerPath(broker, 'undo'), { undo });
    note(translate('clear.undone', { count: restored }));
  } catch (error) {
    note(whatFailed(error, translate), 'error');
  }
}
