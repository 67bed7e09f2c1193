/** Characters that cannot stand in one level of a topic (MQTT 5 §4.7), `%` itself, and control characters. */
const UNFIT = /[%+#/\p{Cc}]/gu;
/** A surrogate without its other half cannot be written as UTF-8. */
const LONE = /\p{Cs}/gu;

/**
 * One level of a topic, made of the name of an account, a room, a bot or a key. Characters that do not fit are written as
 * `%XX`, the bytes of their UTF-8, so that different names are different levels: `a/b` is `a%2Fb`.
 */
export function levelOf(name: string): string {
  return name.replace(LONE, '\ufffd').replace(UNFIT, escaped);
}

/** The name that a level was made of; undefined if {@link levelOf} does not make this level of any name. */
export function nameOfLevel(level: string): string | undefined {
  try {
    const name = decodeURIComponent(level);
    return levelOf(name) === level ? name : undefined;
  } catch {
    return undefined;
  }
}

/** `encodeURIComponent` leaves none of these characters as they are. */
const escaped = (character: string): string => encodeURIComponent(character);
