import german from './locales/de.json';
import english from './locales/en-US.json';

export type Translate = (key: string, values?: Record<string, string | number | boolean>) => string;

/** The language of the browser, if it is one of ours. */
export const LANGUAGE = navigator.languages.find((one) => /^(de|en)\b/i.test(one)) ?? 'en-US';
const TEXTS = new Map(Object.entries(/^de\b/i.test(LANGUAGE) ? german : english));

export const translate: Translate = (key, values = {}) =>
  (TEXTS.get(key) ?? key).replace(/__(\w+)__/g, (_, name: string) => String(values[name] ?? ''));
