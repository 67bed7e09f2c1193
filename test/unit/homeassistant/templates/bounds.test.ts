import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Payload } from '../../../../src/homeassistant/templates/payload';
import { type Rendered, Templates } from '../../../../src/homeassistant/templates/template';

const templates = new Templates();

function render(template: string, payload = ''): Rendered {
  return templates.read(template).ofPayload(new Payload(payload));
}

function codeOf(template: string, payload = ''): string | undefined {
  const rendered = render(template, payload);
  return 'error' in rendered ? rendered.error.code : undefined;
}

/** Each is over within this time, and many times faster on a machine that does nothing else. */
const SOON_MS = 2_000;

function soon<T>(work: () => T): T {
  const begin = performance.now();
  const result = work();
  const ms = performance.now() - begin;
  assert.ok(ms < SOON_MS, `it took ${Math.round(ms)} ms`);
  return result;
}

/** A list that holds itself, so to speak: 60 levels of two make 2^60 members. */
const DOUBLED =
  '{% set ns = namespace(x=[], y=[]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}';
const A = 'a'.repeat(40);

describe('home assistant: templates of a stranger', () => {
  const endless: readonly (readonly [string, string?])[] = [
    ['{% for a in range(9000) %}{% for b in range(9000) %}x{% endfor %}{% endfor %}'],
    ['{{ range(10**9) }}'],
    ["{{ 'a' * 10**9 }}"],
    ['{{ [1] * 10**9 }}'],
    ['{{ 2 ** 100000 }}'],
    ["{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}"],
    ["{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}"],
    ['{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}'],
    [`${DOUBLED}{{ ns.x }}`],
    [`${DOUBLED}{{ ns.x == ns.y }}`],
    [`${DOUBLED}{{ ns.x < ns.y }}`],
    [`${DOUBLED}{{ ns.x|tojson }}`],
    [`${DOUBLED}{{ ns.x|to_json }}`],
    [`${DOUBLED}{{ ns.x|flatten }}`],
    [`${DOUBLED}{{ ns.x|join }}`],
    ["{{ 'x'.center(10**9) }}"],
    ["{{ 'x'.zfill(10**9) }}"],
    ["{{ 'x'.ljust(10**9) }}"],
    ["{{ 'x'|center(10**9) }}"],
    ["{{ 'x'|indent(10**9) }}"],
    ["{{ '%1000000000d' % 1 }}"],
    ["{{ '%.1000000000f' % 1 }}"],
    ["{{ '{:>1000000000}'.format(1) }}"],
    ['{{ [1]|batch(10**9) }}'],
    ['{{ [1]|slice(10**9) }}'],
    ['{{ {}|tojson(indent=10**9) }}'],
    ["{{ value|replace('a', 'b' * 9000) }}", 'a'.repeat(9_000)],
    ['{{ value|join(value) }}', 'a'.repeat(9_000)],
    ['{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}'],
    ['{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}'],
    [`{{ ${'('.repeat(10_000)}1${')'.repeat(10_000)} }}`],
    [`{{ ${'not '.repeat(3_000)}1 }}`],
    [`{{ ${'-'.repeat(3_000)}1 }}`],
    [`${'{% if 1 %}'.repeat(500)}${'{% endif %}'.repeat(500)}`],
    ['x'.repeat(30_000)],
    ["{{ value|regex_replace('(a+)+$', '') }}", `${A}!`],
    ["{{ value is match('(a|a)*b') }}", A],
    ["{{ value|regex_findall('(?=(a+))') }}", 'a'.repeat(90_000)],
    ["{{ 1|timestamp_custom('%c' * 100000) }}"],
    ['{% for i in range(3000) %}{% set x = value|length %}{% endfor %}', '😀'.repeat(90_000)],
    ["{% for i in range(3000) %}{% set x = value.find('q') %}{% endfor %}", 'x'.repeat(900_000)],
    ["{% for i in range(3000) %}{% set x = value.split(',') %}{% endfor %}", ','.repeat(50_000)],
    ["{% for i in range(3000) %}{% set x = 'q' in value %}{% endfor %}", 'x'.repeat(900_000)],
    [
      "{% set y = value|center(-10**15) %}{% set ns = namespace(x='ab') %}{% for i in range(25) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
    ],
    ['{{ ([value] * 5000)|map(attribute=0)|list }}', '😀'.repeat(90_000)],
    ['{{ ([value] * 5000)|sort }}', 'A'.repeat(90_000)],
    ['{{ ([value] * 5000)|sort(case_sensitive=true) }}', '😀'.repeat(90_000)],
    ['{{ ([value] * 5000)|unique }}', 'A'.repeat(90_000)],
    ['{{ ([value] * 5000)|max }}', '😀'.repeat(90_000)],
    [
      '{{ [value_json.a] * 5000 == [value_json.b] * 5000 }}',
      `{"a":"${'a'.repeat(90_000)}","b":"${'a'.repeat(90_000)}"}`,
    ],
    ['{{ ([[value]] * 5000)|join }}', 'a'.repeat(90_000)],
    ['{% for i in range(3000) %}{{ [value]|timestamp_utc(0) }}{% endfor %}', 'a'.repeat(90_000)],
    ['{% for i in range(3000) %}{{ {}[[value]] }}{% endfor %}', 'a'.repeat(90_000)],
    ["{{ ('%.0s' * 2000) % tuple([[value]] * 2000) }}", 'a'.repeat(90_000)],
    ["{{ ('%.0r' * 2000) % tuple([value] * 2000) }}", 'a'.repeat(90_000)],
    ["{% for i in range(3000) %}{{ '{0!r:.0}'.format(value) }}{% endfor %}", 'a'.repeat(90_000)],
    ['{{ dict(zip(range(5000), [value] * 5000))|urlencode }}', '%'.repeat(90_000)],
    [`{% set x = dict(zip(range(5000), range(5000))) %}{{ combine(x, ${'{}, '.repeat(1_000)}{}) }}`],
    ["{{ ('a' * 90000).rfind('a' * 30000 ~ 'b') }}"],
    ["{{ ('a' * 90000).partition('a' * 30000 ~ 'b' ~ 'a' * 30000) }}"],
    ["{{ ('a' * 90000)|replace('a' * 30000 ~ 'b' ~ 'a' * 30000, '') }}"],
    ["{{ ('a' * 90000).split('a' * 30000 ~ 'b' ~ 'a' * 30000) }}"],
    ["{{ ('a' * 30000 ~ 'b' ~ 'a' * 30000) in 'a' * 90000 }}"],
    [
      "{% for i in range(300) %}{% set x = (value ~ i) is match('(a|a)*b') %}{% endfor %}",
      // So long that one search stays below its own limit.
      'a'.repeat(16),
    ],
  ];
  for (const [template, payload] of endless)
    it(`stops ${template.slice(0, 90)}`, () => {
      assert.equal(
        soon(() => codeOf(template, payload)),
        'work',
      );
    });

  it('takes the time of the length, not of its square', () => {
    const long = 200_000;
    for (const [template, payload, given] of [
      ['{{ value|striptags|length }}', '<'.repeat(long), String(long)],
      ['{{ value|striptags|length }}', '<!--'.repeat(long / 4), String(long)],
      ['{{ value|base64_decode(1) }}', `${' '.repeat(long)}!`, undefined],
      ['{{ value|trim(value ~ 1)|length }}', `${'b'.repeat(long)}a`, '0'],
    ] as const) {
      const rendered = soon(() => render(template, payload));
      assert.equal('text' in rendered ? rendered.text : undefined, given, template);
    }
    assert.deepEqual(render('{{ value|striptags }}', '1<!-- > -->2<!-->3<b>4<!-- 5 <i>6<'), {
      text: '12346<',
    });
  });

  it('tries a regular expression that ran out of time a few times, then never again', () => {
    const fresh = new Templates();
    const read = fresh.read("{{ value|regex_replace('(x+x+)+y', '') }}");
    const payload = new Payload('x'.repeat(60));
    for (let time = 0; time < 3; time++) read.ofPayload(payload);
    const begin = performance.now();
    for (let time = 0; time < 200; time++) assert.ok('error' in read.ofPayload(payload));
    assert.ok(performance.now() - begin < SOON_MS);
    // Others go on.
    assert.deepEqual(fresh.read("{{ value|regex_replace('x+', 'y') }}").ofPayload(payload), { text: 'y' });
  });

  it('takes no value that holds itself, and ends', () => {
    const list: unknown[] = [];
    list.push(list, list);
    const record: Record<string, unknown> = {};
    Object.assign(record, { a: record, b: record });
    for (const value of [list, record]) {
      const rendered = soon(() => templates.read('{{ value }}').ofValues({ value }));
      assert.equal('error' in rendered && rendered.error.code, 'work');
    }
  });

  it('lets nothing out: no prototype, no constructor, no process', () => {
    for (const template of [
      "{{ ''.__class__.__mro__[1].__subclasses__() }}",
      "{{ value.constructor.constructor('return process')() }}",
      "{{ value['constructor']['constructor']('return process')() }}",
      '{{ value_json.__proto__.x }}',
      '{{ dict.__init__.__globals__ }}',
      '{{ range.constructor.constructor }}',
      "{{ [].map.constructor('return process')() }}",
      "{{ ('x'|map)('y') }}",
      '{{ cycler.__init__.__globals__.os }}',
      '{{ lipsum.__globals__ }}',
      '{{ process.exit() }}',
      '{{ require("fs") }}',
      '{{ globalThis.process }}',
    ])
      assert.ok(
        codeOf(template, '{}') !== undefined,
        `${template} gave ${JSON.stringify(render(template, '{}'))}`,
      );
    const hostile = '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 2}}}';
    assert.deepEqual(
      render('{{ value_json.polluted }}{{ value_json.constructor.prototype.polluted }}', hostile),
      {
        text: '2',
      },
    );
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    assert.deepEqual(render("{{ value|regex_replace('a', question ~ process ~ 'b') }}", 'a'), { text: 'b' });
  });

  it('is a fault of the payload, not of the template, where that is no JSON', () => {
    for (const payload of [
      '['.repeat(100_000),
      '{"a":'.repeat(50_000),
      '{',
      '{"a":01}',
      'NaN',
      '"\u0001"',
      '',
    ]) {
      assert.deepEqual(render('{{ value_json }}', payload), { text: '' });
      assert.equal(codeOf('{{ value_json.a }}', payload), 'value');
    }
  });

  it('names what only Home Assistant knows, even where it is not asked in the end', () => {
    for (const template of [
      "{{ states('sensor.x') }}",
      '{{ states.sensor.x.state }}',
      '{{ now().year }}',
      '{{ this.state }}',
      '{{ value|states }}',
      "{{ 1 if is_state('a.b', 'on') else 2 }}",
      '{{ [1, 2]|random }}',
      "{% import 'x' as y %}",
    ])
      assert.equal(codeOf(template), 'unsupported', template);
    assert.deepEqual(render("{% set states = {1: 'a'} %}{{ states[1] }}"), { text: 'a' });
    assert.deepEqual(render('{{ 1 if true else now() }}'), { text: '1' });
  });

  it('never throws, whatever it is given', () => {
    const piece = fc.constantFrom(
      ...'{{ |}} |{% |%} |{# |#} |value|value_json|.a|[0]|["a"]| | if | else | for x in | endfor | endif | set x = |(|)|[|]|{|}|:|,|~|+|-|*|**|/|%|==|<| in | not | is | none | defined |1|2.5|"s"|\'t\'|\\|int|float|round(2)|tojson|default(|regex_replace("a","b")|join|namespace()|range(3)|\n'.split(
        '|',
      ),
      '|',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), fc.string(), (pieces, payload) => {
        const rendered = render(pieces.join(''), payload);
        assert.ok('text' in rendered || rendered.error.text.key.startsWith('template.'));
      }),
      { numRuns: 3_000 },
    );
  });
});
