/** Comments begin with their subject, so that a reader knows at the first word what they are about. */
import { textOf } from '../layout.mjs';
import { filesBelow } from './source.mjs';

const FOLDERS = ['src', 'scripts', 'test', 'bench'];
/** A comment on a line of its own or behind code, by its first words. */
const BEGINNING = /^(?:.*[;,{(]\s+)?\s*(?:\/\*\*?|\/\/)\s*(.*)$/;
const NO_SUBJECT = /^(?:Of|Who|Whose|Whom|Whether)\b/;

/** Numbers of the lines on which a comment begins without its subject. */
function withoutSubject(text) {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const words = BEGINNING.exec(line)?.[1];
    if (words === undefined) return [];
    // A line comment goes on over several lines; a block begins on its second one.
    if (/^\s*\/\//.test(line) && /^\s*\/\//.test(lines[index - 1] ?? '')) return [];
    const first = words === '' ? (lines[index + 1] ?? '').replace(/^\s*\*\s*/, '') : words;
    return NO_SUBJECT.test(first) ? [index + 1] : [];
  });
}

export function checkComments() {
  return FOLDERS.flatMap((folder) => [...filesBelow(folder, '.ts'), ...filesBelow(folder, '.mjs')]).flatMap(
    (path) =>
      withoutSubject(textOf(path) ?? '').map(
        (line) => `${path}:${line}: begin the comment with its subject, not with Of, Who or Whether`,
      ),
  );
}
