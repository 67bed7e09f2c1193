import assert from 'node:assert/strict';
import type { Element } from '@xmpp/client';
import { CommandService, type Stage } from '../../../../src/xmpp/commands/command-service';
import { IqRefusal } from '../../../../src/xmpp/session/iq-responses';
import type { Xml } from '../../../../src/xmpp/stanzas';
import { FakeClock } from '../../transport/fake-clock';
import { reader } from '../parse';

const ANNA = 'anna@example.org/phone';
const NS = 'http://jabber.org/protocol/commands';

describe('ad-hoc commands', () => {
  let parse: (xml: string) => Element;
  let xml: Xml;
  let clock: FakeClock;
  let service: CommandService;
  let submitted: Record<string, string>[];
  let allowed: Set<string>;

  before(async () => {
    parse = await reader();
    ({ xml } = await import('@xmpp/client'));
  });

  beforeEach(() => {
    clock = new FakeClock();
    submitted = [];
    allowed = new Set(['anna@example.org']);
    const last: Stage = {
      form: { title: 'Two', fields: [{ name: 'b', label: 'B' }] },
      isLast: true,
      submit: (values) => {
        submitted.push(Object.fromEntries(values));
        return { done: 'did \u0001 it' };
      },
    };
    const first: Stage = {
      form: { title: 'One', fields: [{ name: 'a', label: 'A', options: [{ label: 'x', value: 'x' }] }] },
      isLast: false,
      submit: (values) => {
        submitted.push(Object.fromEntries(values));
        return last;
      },
    };
    service = new CommandService(clock, ({ bare }) =>
      allowed.has(bare)
        ? [
            { node: 'two', name: 'Two steps', start: () => first },
            { node: 'none', name: 'At once', start: () => ({ done: 'here' }) },
          ]
        : [],
    );
  });

  const run = (attrs: string, form = '', from = ANNA): Element | IqRefusal =>
    service.execute(
      parse(`<iq type='set' id='1' from='${from}'><command xmlns='${NS}' ${attrs}>${form}</command></iq>`),
      xml,
    );
  const ok = (answer: Element | IqRefusal): Element => {
    if (answer instanceof IqRefusal) assert.fail(answer.detail?.name ?? answer.condition);
    return answer;
  };
  const no = (answer: Element | IqRefusal): string => {
    assert.ok(answer instanceof IqRefusal);
    return answer.detail?.name ?? answer.condition;
  };
  const fields = (...pairs: [string, string][]): string =>
    `<x xmlns='jabber:x:data' type='submit'>${pairs.map(([key, value]) => `<field var='${key}'><value>${value}</value></field>`).join('')}</x>`;
  const begin = (from = ANNA): string => ok(run("node='two'", '', from)).attrs.sessionid ?? '';

  it('execute, next, prev, complete, as clients go through it', () => {
    const answer = ok(run("node='two' action='execute'"));
    assert.equal(answer.attrs.status, 'executing');
    assert.equal(answer.getChild('actions')?.attrs.execute, 'next');
    const session = `node='two' sessionid='${answer.attrs.sessionid}'`;
    const two = ok(run(`${session} action='next'`, fields(['a', 'x'], ['other', 'y'])));
    assert.deepEqual(
      two
        .getChild('actions')
        ?.getChildElements()
        .map(({ name }) => name),
      ['prev', 'complete'],
    );
    assert.equal(two.getChild('x')?.getChildText('title'), 'Two');
    assert.equal(
      ok(run(`${session} action='prev'`))
        .getChild('x')
        ?.getChildText('title'),
      'One',
    );
    ok(run(`${session}`, fields(['a', 'x'])));
    const done = ok(run(`${session} action='complete'`, fields(['b', ' 4h '])));
    assert.deepEqual([done.attrs.status, done.getChildText('note')], ['completed', 'did \uFFFD it']);
    assert.deepEqual(submitted, [{ a: 'x' }, { a: 'x' }, { b: '4h' }]);
    assert.equal(no(run(`${session} action='complete'`)), 'bad-sessionid');
  });

  it('one without a form is over at once; cancel ends', () => {
    assert.equal(ok(run("node='none'")).getChildText('note'), 'here');
    const session = `node='two' sessionid='${begin()}'`;
    assert.equal(ok(run(`${session} action='cancel'`)).attrs.status, 'canceled');
    assert.equal(no(run(`${session} action='next'`)), 'bad-sessionid');
  });

  it('kind: a stranger sees nothing, may do nothing, and has no part in the session of another device', () => {
    const session = `node='two' sessionid='${begin()}'`;
    for (const from of ['mallory@evil.example/x', 'anna@example.org.evil.example/x', 'no jid/'])
      assert.equal(no(run(session, '', from)), 'forbidden');
    assert.equal(no(run(`${session} action='next'`, '', 'anna@example.org/other')), 'bad-sessionid');
    assert.equal(service.items('mallory@evil.example/x', 'bot@example.org', xml), undefined);
    assert.equal(service.info('mallory@evil.example/x', 'two', xml), undefined);
    assert.equal(service.serves('mallory@evil.example/x'), false);
    assert.equal(service.items(ANNA, 'bot@example.org', xml)?.getChildren('item').length, 2);
    // Whoever is allowed no more may not go on.
    allowed.clear();
    assert.equal(no(run(`${session} action='next'`)), 'forbidden');
  });

  it('kind: hostile. Actions that there are none of, other nodes, forms without end', () => {
    const id = begin();
    assert.equal(no(run(`node='two' sessionid='${id}' action='explode'`)), 'malformed-action');
    assert.equal(no(run(`node='two' sessionid='${id}' action='complete'`)), 'bad-action');
    assert.equal(no(run(`node='two' sessionid='${id}' action='prev'`)), 'bad-action');
    assert.equal(no(run(`node='none' sessionid='${id}' action='next'`)), 'bad-sessionid');
    assert.equal(no(run("node='three'")), 'item-not-found');
    assert.equal(no(run("node='__proto__'")), 'item-not-found');
    assert.equal(no(run("node='two' action='cancel'")), 'bad-action');
    const many = Array.from({ length: 100 }, (_, index): [string, string] => [`f${index}`, 'x']);
    ok(run(`node='two' sessionid='${id}'`, fields(...many, ['a', 'late'])));
    const other = begin();
    ok(
      run(
        `node='two' sessionid='${other}'`,
        fields(['__proto__', 'x'], ['a', 'y'.repeat(10_000)], ['a', 'z']),
      ),
    );
    assert.deepEqual(
      submitted.map((one) => one.a?.length),
      [undefined, 500],
    );
  });

  it('sessions are bounded, and expire', () => {
    const [first, ...more] = Array.from({ length: 6 }, () => begin());
    assert.equal(no(run(`node='two' sessionid='${first}' action='next'`)), 'bad-sessionid');
    ok(run(`node='two' sessionid='${more[0]}' action='next'`));
    clock.advance(600_001);
    assert.equal(no(run(`node='two' sessionid='${more[1]}' action='next'`)), 'bad-sessionid');
  });
});
