/** Run in the editor: what crosses or overlaps on the tab that is shown, by the sizes and paths that are drawn. */
export const CROSSINGS = `(() => {
  RED.view.redraw(true, true);
  const nodes = RED.nodes.filterNodes({ z: RED.workspaces.active() });
  const name = (node) => node.name || node.id;
  const found = nodes.filter(({ x, w }) => x < w / 2).map((node) => name(node) + ' beyond the left edge');
  for (const [i, a] of nodes.entries())
    for (const b of nodes.slice(i + 1))
      if (Math.abs(a.x - b.x) < (a.w + b.w) / 2 && Math.abs(a.y - b.y) < (a.h + b.h) / 2 + 1)
        found.push(name(a) + ' over ' + name(b));
  for (const path of document.querySelectorAll('.red-ui-flow-link-line')) {
    const points = [];
    for (let at = 0; at <= path.getTotalLength(); at += 4) points.push(path.getPointAtLength(at));
    // The ends touch their own nodes.
    for (const { x, y } of points.slice(3, -3)) {
      const hit = nodes.find((n) => Math.abs(n.x - x) < n.w / 2 - 1 && Math.abs(n.y - y) < n.h / 2 - 1);
      if (hit && !found.includes('through ' + name(hit))) found.push('through ' + name(hit));
    }
  }
  // What has no size crosses nothing.
  return nodes.length === 0 || nodes.some(({ w, h }) => !(w > 0 && h > 0)) ? ['not all is shown'] : found;
})()`;
