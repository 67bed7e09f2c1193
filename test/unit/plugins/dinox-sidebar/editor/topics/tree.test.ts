import assert from 'node:assert/strict';
import { buildTree, treeLines } from '../../../../../../src/plugins/dinox-sidebar/editor/topics/tree';

describe('sidebar: tree', () => {
  const lines = (topics: string[], open: (path: string) => boolean = () => true) =>
    treeLines(buildTree(topics), ({ path }) => open(path)).map(
      ({ label, depth, branch }) => `${'  '.repeat(depth)}${label} ${branch.topics}`,
    );

  it('joins levels that hold nothing but one other, and counts topics', () => {
    assert.deepEqual(lines(['home/sensors/temp/a', 'home/sensors/temp/b', 'home/sensors/door', 'x']), [
      'home/sensors 3',
      '  door 1',
      '  temp 2',
      '    a 1',
      '    b 1',
      'x 1',
    ]);
  });

  it('keeps a topic that has topics below it as a line of its own', () => {
    assert.deepEqual(lines(['a', 'a/b']), ['a 2', '  b 1']);
  });

  it('shows nothing of a closed branch, and sorts numbers as numbers', () => {
    assert.deepEqual(
      lines(['r/10', 'r/9'], () => false),
      ['r 2'],
    );
    assert.deepEqual(lines(['r/10', 'r/9']), ['r 2', '  9 1', '  10 1']);
  });

  it('takes empty levels, odd names and a depth of a thousand', () => {
    assert.deepEqual(lines(['/a', '/b']), ['/ 2', '  a 1', '  b 1']);
    assert.deepEqual(lines(['__proto__/x', 'constructor']), ['__proto__/x 1', 'constructor 1']);
    assert.ok(lines([Array(1_000).fill('l').join('/')]).length >= 1);
  });
});
