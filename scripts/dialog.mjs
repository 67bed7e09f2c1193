/**
 * `editor.html` of a node as the editor takes it. A dialog is written in a few tags of its own, because a row of
 * Node-RED's form takes five lines of HTML and says its name four times:
 *
 *   <dinox-dialog prefix="node-config-input" class="…">   the template and its form; `node-input` without a prefix
 *   <dinox-section name="…" cannot>                        folded, with a digest; `cannot`: may be switched off whole
 *   <dinox-group name="…">                                 the same, for what holds sections
 *   <dinox-row name="…" />                                 label and field; may hold more of the row
 *   <dinox-beside name="…" />                              a second field, within a row
 *   <dinox-note key="…" />                                 a text below a field
 *   <dinox-each of="birth will">                           what it holds, for each; `{each}` is the word, and a line
 *                                                          with `when="will"` stands for that one only
 *
 * A row takes `row` (a class), `label`, `placeholder` and `note` (keys of the texts), `type` (of an input, or
 * `check`, `select`, `textarea`), `options` (`value` or `value=key`, below `option.` and `under`; `plain`: the values are
 * the words), `short`, `verbatim` (no spelling), `typed` (for a typedInput). All else is an attribute of the field.
 */
import { textOf } from './layout.mjs';

/**
 * `name="x" short` as `{name: 'x', short: true}`.
 * @param {string} text
 * @returns {any}
 */
function attributesOf(text) {
  const found = [...text.matchAll(/([\w-]+)(?:="([^"]*)")?/g)];
  return Object.fromEntries(found.map(([, name, value]) => [name, value ?? true]));
}

/** The other way round; leaves out what is not there. */
function tag(name, attributes) {
  const parts = Object.entries(attributes).filter(([, value]) => value !== undefined && value !== false);
  return `<${[name, ...parts.map(([key, value]) => (value === true ? key : `${key}="${value}"`))].join(' ')}>`;
}

/** What a dialog is made of; `node` is the type, `prefix` stands before the name in a field's id. */
class Dialog {
  constructor(node, prefix) {
    this.node = node;
    this.prefix = prefix;
  }

  /** `label.topic`, or `topic` below `label`. */
  key(below, key) {
    return `${this.node}.${key.includes('.') ? key : `${below}.${key}`}`;
  }

  words(below, key) {
    return `${tag('span', { 'data-i18n': this.key(below, key) })}</span>`;
  }

  note({ key, ...rest }) {
    return `${tag('div', { class: 'dinox-note', 'data-i18n': key && this.key('note', key), ...rest })}</div>`;
  }

  options({ options, under, plain }) {
    return options.split(/\s+/).map((option) => {
      const [value, key = value] = option.split('=');
      if (plain) return `${tag('option', { value })}${value}</option>`;
      const words = this.key('option', under ? `option.${under}.${key}` : key);
      return `${tag('option', { value: value === '-' ? '' : value, 'data-i18n': words })}</option>`;
    });
  }

  /**
   * Lines of HTML for a field; what is not understood here is an attribute of it.
   * @param {any} attributes
   */
  field({ name, type = 'text', placeholder, options, under, plain, short, verbatim, typed, ...rest }) {
    const id = `${this.prefix}-${name}`;
    const field = {
      id,
      'data-i18n': placeholder && `[placeholder]${this.key('placeholder', placeholder)}`,
      ...(verbatim && { spellcheck: 'false', autocapitalize: 'off' }),
      ...(short && { class: 'dinox-short' }),
      ...rest,
    };
    if (type === 'select')
      return [tag('select', field), ...this.options({ options, under, plain }), '</select>'];
    if (type === 'textarea') return [`${tag('textarea', field)}</textarea>`];
    const input = tag('input', { type: type === 'check' ? 'checkbox' : type, ...field });
    return typed ? [input, tag('input', { type: 'hidden', id: `${id}Type` })] : [input];
  }

  /**
   * @param {any} attributes
   * @param {string} inner more lines of the row
   */
  row({ row, note, label, ...field }, inner) {
    const { name, type } = field;
    if (!name) throw new Error(`a row of ${this.node} has no name`);
    const isCheck = type === 'check';
    const control = this.field(field);
    return [
      tag('div', { class: ['form-row', isCheck && 'dinox-check', row].filter(Boolean).join(' ') }),
      `<label for="${this.prefix}-${name}">${isCheck ? `${control} ` : ''}${this.words('label', label ?? name)}</label>`,
      ...(isCheck ? [] : control),
      ...(note ? [this.note({ key: note })] : []),
      ...(inner ? [inner] : []),
      '</div>',
    ].join('\n');
  }

  /**
   * A second field of a row.
   * @param {any} attributes
   */
  beside({ label, ...field }) {
    const words = this.words('label', label ?? field.name);
    return [
      `<label class="dinox-inner" for="${this.prefix}-${field.name}">${words}</label>`,
      ...this.field(field),
    ].join('\n');
  }

  section({ name, cannot }, inner) {
    return [
      `<details data-section="${name}">`,
      `<summary>${this.words('section', name)}<span class="dinox-digest"></span></summary>`,
      '<div class="dinox-body">',
      ...(cannot
        ? ['<div class="dinox-lead dinox-cannot-why" hidden></div>', '<fieldset class="dinox-cannot">']
        : []),
      inner,
      ...(cannot ? ['</fieldset>'] : []),
      '</div>',
      '</details>',
    ].join('\n');
  }
}

/** Replaces `<dinox-NAME …/>` and `<dinox-NAME …>…</dinox-NAME>`; those of one name do not stand in each other. */
function replace(html, name, make) {
  const found = new RegExp(`<dinox-${name}\\b([^>]*?)(?:/>|>(.*?)</dinox-${name}>)`, 'gs');
  return html.replace(found, (_, attributes, inner = '') => make(attributesOf(attributes), inner.trim()));
}

function each({ of }, inner) {
  return of
    .split(/\s+/)
    .map((word) => {
      const lines = inner
        .split('\n')
        .filter((line) => !/ when="/.test(line) || line.includes(` when="${word}"`));
      return lines.join('\n').replaceAll(` when="${word}"`, '').replaceAll('{each}', word);
    })
    .join('\n');
}

/** HTML of a dialog as it is written, as Node-RED takes it; throws where a tag is not understood. */
export function expandDialog(node, written) {
  const expanded = replace(written, 'dialog', ({ prefix = 'node-input', class: more }, inner) => {
    const dialog = new Dialog(node, prefix);
    let html = replace(inner, 'each', each);
    html = replace(html, 'note', (attributes) => dialog.note(attributes));
    html = replace(html, 'beside', (attributes) => dialog.beside(attributes));
    html = replace(html, 'row', (attributes, content) => dialog.row(attributes, content));
    for (const folded of ['section', 'group'])
      html = replace(html, folded, (attributes, content) => dialog.section(attributes, content));
    return [
      `<script type="text/html" data-template-name="${node}">`,
      `<div class="${['dinox-form', more].filter(Boolean).join(' ')}">`,
      html.replace(/^[ \t]+/gm, ''),
      '</div>',
      '</script>',
    ].join('\n');
  });
  const [left] = /<\/?dinox-\w+[^>]*>/.exec(expanded) ?? [];
  if (left) throw new Error(`editor.html of ${node}: ${left} is not understood`);
  return expanded;
}

/** The dialog of a node, or undefined where it has none. */
export function dialogOf({ name, source }) {
  const written = textOf(`${source}/editor.html`);
  return written === undefined ? undefined : expandDialog(name, written);
}
