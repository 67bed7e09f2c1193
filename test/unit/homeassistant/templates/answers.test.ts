import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Payload } from '../../../../src/homeassistant/templates/payload';
import { type Rendered, Templates } from '../../../../src/homeassistant/templates/template';
import { type Entry, readEntries, SECOND } from '../../../support/homeassistant/templates';

/** Public projects' own templates with Home Assistant's answers; not part of this repository. */
const PUBLIC =
  process.env.DINOX_TEMPLATES ?? join(__dirname, '../../../../../shared/homeassistant/templates.json');

const templates = new Templates();

/** What we make of an entry, as its answers are written: null for an error. */
function answersOf({ template, payloads, variables }: Entry): (string | null)[] {
  const read = templates.read(template);
  const shown = (rendered: Rendered): string | null => {
    if ('text' in rendered) return rendered.text;
    return rendered.error.code === 'unsupported' ? UNSUPPORTED : null;
  };
  return [
    ...(payloads ?? []).map((payload) => shown(read.ofPayload(new Payload(payload)))),
    ...(variables ?? []).map((given) => shown(read.ofValues(given))),
  ];
}

const UNSUPPORTED = '(only Home Assistant knows)';

describe('home assistant: what templates give', () => {
  const all = readEntries();
  for (const style of new Set(all.map((entry) => entry.style)))
    it(`is what Home Assistant gives: ${style}`, () => {
      const entries = all.filter((entry) => entry.style === style);
      assert.deepEqual(
        entries.map((entry) => [entry.template, answersOf(entry)]),
        entries.map((entry) => [entry.template, entry.answers]),
      );
    });

  it('holds for templates that it was not written for: a second corpus, at least 97 %', () => {
    const second = readEntries(SECOND);
    const different = second.flatMap((entry) => {
      const ours = answersOf(entry);
      return entry.answers.flatMap((theirs, at) =>
        ours[at] === theirs ? [] : [`${entry.template}: ${ours[at]}, there ${theirs}`],
      );
    });
    const all = second.reduce((sum, { answers }) => sum + answers.length, 0);
    assert.ok(all >= 200);
    assert.ok(different.length <= all * 0.03, different.join('\n'));
  });

  it("is what Home Assistant gives: public projects' own templates", function () {
    if (!existsSync(PUBLIC)) {
      console.log(`      NOT RUN: there is no ${PUBLIC} (DINOX_TEMPLATES names it)`);
      this.skip();
    }
    const { items } = JSON.parse(readFileSync(PUBLIC, 'utf8')) as { items: PublicItem[] };
    assert.ok(items.length >= 300, `only ${items.length} templates`);
    let foreign = 0;
    for (const { template, cases, truth } of items) {
      const [payloads, variables] = [cases.flatMap(payloadOf), cases.flatMap(variablesOf)];
      const answers = answersOf({ style: '', template, payloads, variables, answers: [] });
      // Those ask for states or the clock, for which the value is passed on as it came.
      if (answers.every((answer) => answer === UNSUPPORTED)) foreign++;
      else assert.deepEqual([template, answers], [template, truth.map((one) => one.out ?? null)]);
    }
    assert.equal(
      foreign,
      items.filter(({ template }) => /\b(?:now|is_state|state_attr)\(/.test(template)).length,
    );
  });
});

interface PublicItem {
  readonly template: string;
  readonly cases: readonly {
    readonly payload?: string;
    readonly variables?: Readonly<Record<string, unknown>>;
  }[];
  readonly truth: readonly { readonly out?: string }[];
}

function payloadOf({ payload }: PublicItem['cases'][number]): string[] {
  return payload === undefined ? [] : [payload];
}

function variablesOf({ variables }: PublicItem['cases'][number]): Readonly<Record<string, unknown>>[] {
  return variables === undefined ? [] : [variables];
}
