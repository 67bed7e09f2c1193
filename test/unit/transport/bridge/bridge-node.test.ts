import assert from 'node:assert/strict';
import { bridgeNode, keyOf, leftOut } from '../../../../src/transport/bridge/bridge-node';

const item = (id: string, type: 'json' | 'utf8' | 'xml', text = id) => ({ id, content: { type, text } });
const ids = (found: ({ id: string } | undefined)[]) => found.map((one) => one?.id);

describe('bridge: items that came empty', () => {
  it('are those of another type behind the last one that was read, oldest first', () => {
    const node = { ...bridgeNode('a', 'json'), lastId: '2' };
    const items = [
      item('1', 'utf8'),
      item('2', 'utf8'),
      item('3', 'json'),
      item('4', 'xml'),
      item('5', 'utf8'),
    ];
    assert.deepEqual(ids(leftOut(node, items, ['json', 'json'])), ['4', '5']);
    // The second message is still to come: it keeps its item.
    assert.deepEqual(ids(leftOut(node, items, ['json'])), ['4']);
  });

  it('are the newest where nothing was read before', () => {
    const items = [item('1', 'utf8'), item('2', 'utf8'), item('3', 'json')];
    assert.deepEqual(ids(leftOut(bridgeNode('a', 'json'), items, ['json'])), ['2']);
  });

  it('are none that the bridge brought whole, in whatever type it was subscribed to', () => {
    const node = { ...bridgeNode('a', 'utf8'), lastId: '1' };
    node.whole.add(keyOf({ type: 'json', text: '2' }));
    const items = [item('1', 'utf8'), item('2', 'json'), item('3', 'json')];
    assert.deepEqual(ids(leftOut(node, items, ['utf8'])), ['3']);
  });

  it('are missing where the node keeps fewer; an empty text is an item as well', () => {
    const node = { ...bridgeNode('a', 'utf8'), lastId: 'gone' };
    assert.deepEqual(ids(leftOut(node, [item('9', 'json')], ['utf8', 'utf8'])), ['9', undefined]);
    assert.deepEqual(ids(leftOut(node, [item('9', 'utf8', '')], ['utf8'])), ['9']);
    assert.deepEqual(ids(leftOut(node, [{ id: '9' }], ['utf8'])), [undefined]);
  });
});
