import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Payload } from '../../../../src/homeassistant/templates/payload';
import { Templates } from '../../../../src/homeassistant/templates/template';

describe('home assistant: the JSON of a payload', () => {
  const templates = new Templates();
  const key = fc.constantFrom('a', 'b', 'c', '0', '12', '__proto__', 'constructor', 'ä');
  const json = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.double(),
      fc.integer(),
      fc.bigInt().map((value) => Number(value)),
      fc.string(),
      fc.constantFrom(null, true, false, 0, -0, 1e21, 1e-7, 12.5, ' x ', '1.0'),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.array(fc.tuple(key, tie('tree')), { maxLength: 4 }).map((all) => {
        const made = Object.create(null) as Record<string, unknown>;
        for (const [name, value] of all)
          Object.defineProperty(made, name, { value, enumerable: true, configurable: true });
        return made;
      }),
    ),
  })).tree;

  it('gives along a bare path what the evaluator gives', () => {
    fc.assert(
      fc.property(json, fc.array(key, { maxLength: 3 }), (value, path) => {
        const payload = new Payload(JSON.stringify(value) ?? 'null');
        const dots = path.map((name) => `['${name}']`).join('');
        const bare = templates.read(`{{ value_json${dots} }}`).ofPayload(payload);
        // A blank more, and it is no bare path.
        const evaluated = templates.read(`{{ value_json${dots} }}{{ '' }}`).ofPayload(payload);
        assert.deepEqual(
          'text' in bare ? bare.text : 'error',
          'text' in evaluated ? evaluated.text : 'error',
        );
      }),
      { numRuns: 5_000 },
    );
  });

  it('tells floats from ints, as they were written', () => {
    const of = (source: string): unknown =>
      templates.read('{{ value_json.x }}').ofPayload(new Payload(`{"x":${source}}`));
    for (const [source, shown] of [
      ['12', '12'],
      ['12.0', '12.0'],
      ['12.50', '12.5'],
      ['0.0', '0.0'],
      ['-0', '0'],
      ['-0.0', '-0.0'],
      ['1e2', '100.0'],
      ['1.5e-7', '1.5e-07'],
      ['0.00001', '1e-05'],
      ['123456789012345678', '123456789012345678'],
      ['18446744073709551616', '1.8446744073709552e+19'],
      ['1000000000000000', '1000000000000000'],
      ['999999999999999.9', '999999999999999.9'],
    ])
      assert.deepEqual(of(source ?? ''), { text: shown }, source);
  });

  it('reads it once for all templates, and only when one asks', () => {
    const payload = new Payload('{"a": {"b": [1, 2]}}');
    assert.equal(payload.plainAt(['a', 'b']), undefined);
    assert.equal(payload.json, payload.json);
    assert.deepEqual(templates.read('{{ value_json.a.b[1] }}').ofPayload(payload), { text: '2' });
  });

  it('gives a payload of 10 MB on as it is', () => {
    const payload = new Payload(`{"a": "${'x'.repeat(10_000_000)}"}`);
    assert.equal(payload.json, undefined);
    const [rendered] = [templates.read('{{ value_json.a }}').ofPayload(payload)];
    assert.ok('error' in rendered && rendered.error.code === 'value');
  });
});
