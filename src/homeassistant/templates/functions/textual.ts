/** Filters about texts. */

import { text } from '../../../base/catalogue';
import { TemplateError } from '../errors';
import { percentFormat } from '../format';
import { isTrue, itemsOf } from '../operators';
import { expand, type Match } from '../regular-expressions';
import { characters, lengthOf, written as shown } from '../show';
import { capitalized, replaced, slug, stripped, titled } from '../text-tools';
import { type Args, defined, fn, Tuple, table, Undefined, type Value, wrongType } from '../values';
import { flagAt, intAt, stringAt, textAt } from './args';

const MAX_INDENT = 100;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&#39;',
  '"': '&#34;',
};
const escaped = fn('value', (args) => {
  const safe = textAt(args, 0).replace(/[&<>'"]/g, (found) => ENTITIES[found] ?? found);
  args.run.work.grow(safe.length);
  return safe;
});

const truncate = fn('value,length=,killwords=,end=,leeway=', (args) => {
  const value = args.at(0);
  // Jinja asks for the length first, which numbers have not.
  if (!(typeof value === 'string')) {
    if (value instanceof Undefined) return '';
    itemsOf(value);
  }
  const written = textAt(args, 0);
  const all = characters(written);
  const [most, end, leeway] = [intAt(args, 1, 255), textAt(args, 3, '...'), intAt(args, 4, 5)];
  if (most < lengthOf(end)) throw wrongType('truncate', value);
  const size = value instanceof Map ? value.size : Array.isArray(value) ? value.length : all.length;
  if (size <= most + leeway) return value;
  if (Array.isArray(value) || value instanceof Map || value instanceof Tuple)
    throw wrongType('truncate', value);
  const cut = all.slice(0, Math.max(0, most - lengthOf(end))).join('');
  if (flagAt(args, 2)) return cut + end;
  const blank = cut.lastIndexOf(' ');
  return (blank < 0 ? cut : cut.slice(0, blank)) + end;
});

const wordCount = fn('value', (args) => (textAt(args, 0).match(/\w+/gu) ?? []).length);

const indent = fn('value,width=,first=,blank=', (args) => {
  const width = args.maybe(1);
  const size = typeof width === 'string' ? 0 : intAt(args, 1, 4);
  if (size > MAX_INDENT) throw new TemplateError('work', text('template.tooLong'));
  const margin = typeof width === 'string' ? width : ' '.repeat(Math.max(0, size));
  const lines = stringAt(args, 0).split('\n');
  args.run.work.grow(lines.length * margin.length);
  return lines
    .map((line, index) =>
      (index > 0 || flagAt(args, 2)) && (line !== '' || flagAt(args, 3)) ? margin + line : line,
    )
    .join('\n');
});

const slugify = fn('value,separator=', (args) => {
  const written = slug(textAt(args, 0), textAt(args, 1, '_'));
  args.run.work.grow(written.length);
  return written;
});

const urlencode = fn('value', (args) => {
  const charged = (made: string): string => {
    args.run.work.grow(made.length);
    return made;
  };
  const encode = (one: Value): string =>
    charged(
      encodeURIComponent(shown(one, args.run.work).toWellFormed()).replace(
        /[!'()*]/g,
        (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
      ),
    );
  const value = args.at(0);
  const encoded =
    value instanceof Map
      ? [...value].map(([key, one]) => `${encode(key)}=${encode(one)}`).join('&')
      : encode(value).replaceAll('%2F', '/');
  return encoded;
});

const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];
const BINARY_UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'];
const filesize = fn('value,binary=', (args) => {
  const bytes = Number(shown(args.at(0), args.run.work));
  if (Number.isNaN(bytes)) throw wrongType('filesizeformat', args.at(0));
  const binary = flagAt(args, 1);
  const base = binary ? 1024 : 1000;
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  const power = Math.min(UNITS.length, Math.floor(Math.log(bytes) / Math.log(base)));
  return `${(bytes / base ** power).toFixed(1)} ${(binary ? BINARY_UNITS : UNITS)[power - 1]}`;
});

/** What a search is asked for: a pattern, and in which parameter it stands. */
function matches(args: Args, most?: number, ignoreCaseAt = 2): readonly Match[] {
  const subject = textAt(args, 0);
  const found = args.run.regularExpressions.find(
    textAt(args, 1, ''),
    subject,
    flagAt(args, ignoreCaseAt),
    args.run.work,
    most,
  );
  args.run.work.spend(found.length);
  return found;
}

const regexReplace = fn('value=,find=,replace=,ignorecase=', (args) => {
  const subject = textAt(args, 0, '');
  const replacement = textAt(args, 2, '');
  const found = args.run.regularExpressions.find(
    textAt(args, 1, ''),
    subject,
    flagAt(args, 3),
    args.run.work,
  );
  let made = '';
  let end = 0;
  for (const match of found) {
    const by = expand(replacement, match);
    args.run.work.grow(by.length);
    made += subject.slice(end, match.index) + by;
    end = match.index + (match.groups[0] ?? '').length;
  }
  return made + subject.slice(end);
});

function findAll(args: Args, ignoreCaseAt: number): Value[] {
  return matches(args, undefined, ignoreCaseAt).map(({ groups }) => {
    const [whole = '', first, ...others] = groups;
    if (groups.length === 1) return whole;
    return others.length === 0 ? (first ?? '') : new Tuple([first ?? '', ...others.map((one) => one ?? '')]);
  });
}

const search = fn('value,find=,ignorecase=', (args) => matches(args, 1).length > 0);
/** The pattern has to fit from the beginning, though not to the end. */
const match = fn('value,find=,ignorecase=', (args) => {
  const pattern = `\\A(?:${textAt(args, 1, '')})`;
  return (
    args.run.regularExpressions.find(pattern, textAt(args, 0), flagAt(args, 2), args.run.work, 1).length > 0
  );
});

/** Blanks belong to one part alone: what could belong to two is divided in all ways, which takes the square of the time. */
const BASE64 = /^[A-Za-z0-9+/\s]*(?:={1,2}\s*)?$/;

/** Without comments and tags. A pattern would look for each missing end once more. */
function withoutTags(value: string): string {
  let kept = '';
  let from = 0;
  let hasComments = true;
  for (let at = value.indexOf('<'); at >= 0; at = value.indexOf('<', from)) {
    let end = hasComments && value.startsWith('<!--', at) ? value.indexOf('-->', at + 4) + 2 : 0;
    if (end === 1) hasComments = false;
    if (end <= 1) end = value.indexOf('>', at);
    if (end < 0) break;
    kept += value.slice(from, at);
    from = end + 1;
  }
  return kept + value.slice(from);
}

export const TEXT_FILTERS = table({
  lower: fn('value', (args) => textAt(args, 0).toLowerCase()),
  upper: fn('value', (args) => textAt(args, 0).toUpperCase()),
  title: fn('value', (args) => titled(textAt(args, 0))),
  capitalize: fn('value', (args) => capitalized(textAt(args, 0))),
  trim: fn('value,chars=', (args) => {
    const chars = args.maybe(1);
    return stripped(
      textAt(args, 0),
      chars === undefined || chars === null ? undefined : shown(chars, args.run.work),
    );
  }),
  replace: fn('value,old,new,count=', (args) =>
    replaced(args, textAt(args, 0), textAt(args, 1), textAt(args, 2), intAt(args, 3, -1)),
  ),
  string: fn('value', (args) => textAt(args, 0)),
  escape: escaped,
  e: escaped,
  safe: fn('value', (args) => args.at(0)),
  striptags: fn('value', (args) => withoutTags(textAt(args, 0)).replace(/\s+/g, ' ').trim()),
  truncate,
  wordcount: wordCount,
  indent,
  center: fn('value,width=', (args) => {
    const width = intAt(args, 1, 80);
    args.run.work.grow(width);
    const value = textAt(args, 0);
    const space = Math.max(0, width - lengthOf(value));
    const left = Math.floor(space / 2) + (space % 2 === 1 && width % 2 === 1 ? 1 : 0);
    return `${' '.repeat(left)}${value}${' '.repeat(space - left)}`;
  }),
  format: fn('value,*', (args) => percentFormat(textAt(args, 0), args.rest(1), args.run.work)),
  slugify,
  urlencode,
  filesizeformat: filesize,
  ord: fn('value', (args) => {
    const [character, ...others] = characters(stringAt(args, 0));
    if (character === undefined || others.length > 0) throw wrongType('ord', args.at(0));
    return character.codePointAt(0) ?? 0;
  }),
  base64_encode: fn('value', (args) => Buffer.from(stringAt(args, 0)).toString('base64')),
  base64_decode: fn('value,encoding=', (args) => {
    const encoded = textAt(args, 0);
    const decoded = Buffer.from(encoded, 'base64').toString('utf8');
    if (!BASE64.test(encoded) || decoded.includes('\uFFFD'))
      throw new TemplateError(
        'value',
        text('template.badInput', { filter: 'base64_decode', value: encoded }),
      );
    return decoded;
  }),
  regex_replace: regexReplace,
  regex_findall: fn('value,find=,ignorecase=', (args) => findAll(args, 2)),
  regex_findall_index: fn('value,find=,index=,ignorecase=', (args) => {
    const found = findAll(args, 3);
    const index = intAt(args, 2, 0);
    const one = found.at(index);
    if (one === undefined) throw new TemplateError('value', text('template.noMember', { key: index }));
    return one;
  }),
  regex_match: match,
  regex_search: search,
  iif: fn('value,if_true=,if_false=,if_none=', (args) => {
    const none = args.maybe(3);
    if (args.at(0) === null && none !== undefined) return none;
    return isTrue(args.at(0)) ? args.or(1, true) : args.or(2, false);
  }),
  is_defined: fn('value', (args) => defined(args.at(0))),
});

export const TEXT_TESTS = table({
  match,
  search,
  lower: fn('value', (args) => isLower(textAt(args, 0), (one) => one.toLowerCase())),
  upper: fn('value', (args) => isLower(textAt(args, 0), (one) => one.toUpperCase())),
});

/** Python's `islower` also wants a letter. */
function isLower(value: string, change: (one: string) => string): boolean {
  return value === change(value) && value.toLowerCase() !== value.toUpperCase();
}
