/** Data forms (XEP-0004) as far as commands need them: what is asked, and what somebody filled in. */
import type { Element } from '@xmpp/client';
import { replaceNonXml } from '../../base/xml-text';
import { NS } from '../namespaces';
import type { Xml } from '../stanzas';

/** Fields of a submitted form that are looked at, and characters of a value. */
const MAX_FIELDS = 30;
const MAX_LENGTH = 500;
/** Characters of a label. */
const MAX_LABEL = 200;

export interface FormField {
  name: string;
  label: string;
  /** Filled in at first. @default empty */
  value?: string;
  required?: boolean;
  /** A choice of one of these; without them a line of text. */
  options?: readonly { label: string; value: string }[];
}

export interface Form {
  title: string;
  instructions?: string;
  fields: readonly FormField[];
}

export function formElement(xml: Xml, { title, instructions, fields }: Form): Element {
  const put = (name: string, said: string) => xml(name, {}, clean(said));
  return xml(
    'x',
    { xmlns: NS.dataForms, type: 'form' },
    put('title', title),
    ...(instructions === undefined ? [] : [put('instructions', instructions)]),
    ...fields.map(({ name, label, value, required, options }) =>
      xml(
        'field',
        { var: name, type: options ? 'list-single' : 'text-single', label: clean(label).slice(0, MAX_LABEL) },
        ...(required ? [xml('required', {})] : []),
        ...(value === undefined ? [] : [put('value', value)]),
        ...(options ?? []).map((one) =>
          xml('option', { label: clean(one.label).slice(0, MAX_LABEL) }, put('value', one.value)),
        ),
      ),
    ),
  );
}

/** The values of a submitted form, by the names of the fields that were asked for; bounded. */
export function valuesOf(form: Element | undefined, asked: readonly FormField[]): Map<string, string> {
  const values = new Map<string, string>();
  if (form?.attrs.type !== 'submit') return values;
  const names = new Set(asked.map(({ name }) => name));
  for (const field of form.getChildren('field').slice(0, MAX_FIELDS)) {
    const name = field.attrs.var;
    const value = field.getChildText('value');
    if (name === undefined || !names.has(name) || values.has(name) || !value) continue;
    values.set(name, value.slice(0, MAX_LENGTH).trim());
  }
  return values;
}

/** Without characters that XML forbids. */
export function clean(text: string): string {
  return replaceNonXml(text, '\uFFFD');
}
