/** A text from outside, fit for a log and a status: bounded, without control characters. */
export function plain(text: string, most = 60): string {
  const clean = text.slice(0, most).toWellFormed().replace(CONTROL, '\uFFFD');
  return text.length > most ? `${clean}…` : clean;
}

/** Shows a text from outside in an error: at most 60 characters, without control characters. */
export function quote(text: string, most = 60): string {
  return `"${plain(text, most)}"`;
}

/** Control characters, and those that turn the direction of writing: what follows would look like something else. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;
