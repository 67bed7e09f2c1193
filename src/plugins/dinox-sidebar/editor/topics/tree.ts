/** Topics as a tree of their levels. */
export interface Branch {
  /** Text of the level. */
  name: string;
  /** The topic down to this level. */
  path: string;
  depth: number;
  children: Map<string, Branch> | undefined;
  /** True if a topic ends here. */
  isTopic: boolean;
  /** Number of topics here and below. */
  topics: number;
}

/** A line of the tree as it is shown. */
export interface TreeLine {
  branch: Branch;
  /** Text of the line: levels with a single child are joined, `home/sensors`. */
  label: string;
  depth: number;
  expandable: boolean;
  expanded: boolean;
  /** For assistive technology: place among its siblings, from 1. */
  position: number;
  siblings: number;
}

export function buildTree(topics: Iterable<string>): Branch {
  const root: Branch = { name: '', path: '', depth: -1, children: new Map(), isTopic: false, topics: 0 };
  for (const topic of topics) {
    let branch = root;
    root.topics += 1;
    let start = 0;
    for (;;) {
      const slash = topic.indexOf('/', start);
      const end = slash < 0 ? topic.length : slash;
      const name = topic.slice(start, end);
      branch.children ??= new Map();
      let child = branch.children.get(name);
      if (!child) {
        child = {
          name,
          path: topic.slice(0, end),
          depth: branch.depth + 1,
          children: undefined,
          isTopic: false,
          topics: 0,
        };
        branch.children.set(name, child);
      }
      child.topics += 1;
      branch = child;
      if (slash < 0) break;
      start = slash + 1;
    }
    branch.isTopic = true;
  }
  return root;
}

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Visible lines of the tree, from the top. `isOpen` is called for branches with children. */
export function treeLines(root: Branch, isOpen: (branch: Branch) => boolean): TreeLine[] {
  const lines: TreeLine[] = [];
  const open: { children: Branch[]; next: number; depth: number }[] = [
    { children: sorted(root), next: 0, depth: 0 },
  ];
  for (let level = open[0]; level; level = open[open.length - 1]) {
    const first = level.children[level.next];
    if (!first) {
      open.pop();
      continue;
    }
    level.next += 1;
    const { branch, label } = joined(first);
    const expandable = branch.children !== undefined;
    const expanded = expandable && isOpen(branch);
    lines.push({
      branch,
      label,
      depth: level.depth,
      expandable,
      expanded,
      position: level.next,
      siblings: level.children.length,
    });
    if (expanded) open.push({ children: sorted(branch), next: 0, depth: level.depth + 1 });
  }
  return lines;
}

/** Joins a level that holds only another level with it, in one line. */
function joined(first: Branch): { branch: Branch; label: string } {
  let branch = first;
  let label = first.name === '' ? '/' : first.name;
  while (!branch.isTopic && branch.children?.size === 1 && label.length < 200) {
    const [only] = branch.children.values();
    if (!only) break;
    branch = only;
    label += `/${only.name}`;
  }
  return { branch, label };
}

function sorted(branch: Branch): Branch[] {
  return [...(branch.children?.values() ?? [])].sort((a, b) => byName.compare(a.name, b.name));
}
