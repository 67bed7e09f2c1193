/** The topic and the field of a key of the history. */
export function partsOf(key: string): { topic: string; field: string | undefined } {
  const end = key.indexOf('\0');
  return end < 0 ? { topic: key, field: undefined } : { topic: key.slice(0, end), field: key.slice(end + 1) };
}

/** Key of the history of a topic, or of a number in its JSON. No topic holds U+0000 (MQTT 5 §1.5.4). */
export function historyKey(topic: string, field?: string): string {
  return field === undefined || field === '' ? topic : `${topic}\0${field}`;
}
