import { render, type Text } from './text';
import english from './texts/en-US.json';

/** A text in English: for the log, for `error.message`, and for a `catch` node. */
export function inEnglish(said: Text): string {
  return render(said, (key) => {
    const [room = '', name = ''] = key.split('.');
    return (english as Readonly<Record<string, Readonly<Record<string, string>>>>)[room]?.[name] ?? key;
  });
}
