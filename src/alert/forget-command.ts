import type { Translate } from '../base/translate';
import { shortly, shownWhich, type Which } from './command-words';
import { deviceOfKey } from './device-check';
import type { KeyFinder } from './key-finder';
import type { KeyEntry } from './keys';
import type { AlertMachine } from './machine';
import { listed, type MessageTexts } from './message-texts';

export interface ForgetCommandOptions {
  machine: AlertMachine;
  finder: KeyFinder;
  words: MessageTexts;
  translate: Translate;
  forgetDevice?(id: string): boolean;
}

/** Forgets what was removed on purpose. */
export class ForgetCommand {
  constructor(private readonly options: ForgetCommandOptions) {}

  /** Forgets one key, with its whole device if it is a check of one. */
  forget(which: Which = {}): { ok: boolean; text: string; entries: KeyEntry[] } {
    const { machine, finder, words, translate, forgetDevice } = this.options;
    const isSaid = Object.keys(which).length > 0;
    const entries = isSaid ? finder.of(which) : [];
    const devices = new Set(entries.flatMap(({ subject }) => subject?.device.id ?? []));
    // A device that is well has no alert, and may have no key.
    if (entries.length === 0 && which.key !== undefined) devices.add(deviceOfKey(which.key) ?? which.key);
    const names = entries.map(({ key }) => words.nameOf(key));
    const done = [...devices].filter((id) => forgetDevice?.(id) ?? false);
    machine.checks.forgetKeys(entries.filter(({ subject }) => !subject));
    const isDone = entries.length + done.length > 0;
    const text = isDone
      ? translate('answer.forget', {
          which: listed(names.length > 0 ? names : done.map((id) => words.nameOf(id))),
        })
      : translate('answer.unknown', { which: shortly(isSaid ? shownWhich(which) : 'forget', 80) });
    return { ok: isDone, text, entries: [] };
  }
}
