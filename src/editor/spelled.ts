import { type Translate, visible } from './format';

/** `1h30m` as `1 h 30 min`; a number alone is seconds, and any other text stays unchanged. */
export function spelled(text: string, translate: Translate): string {
  const trimmed = text.trim().toLowerCase();
  if (/^\d+([.,]\d+)?$/.test(trimmed)) return `${trimmed}\u00a0${translate('unit.s')}`;
  const parts = [...trimmed.matchAll(/(\d+(?:[.,]\d+)?)\s*(ms|s|m|h|d)/g)];
  if (
    parts
      .map(([whole]) => whole)
      .join('')
      .replace(/\s/g, '') !== trimmed.replace(/\s/g, '')
  )
    return visible(text.trim(), 30);
  const unit = (name: string): string =>
    name === 'ms' ? name : translate(`unit.${name === 'm' ? 'min' : name}`);
  return parts.map(([, count, name = '']) => `${count}\u00a0${unit(name)}`).join(' ');
}
