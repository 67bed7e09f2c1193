import { red } from './red';

/** Scrolls to a node of the flows. */
export function revealNode(id: string): void {
  red().view.reveal(shownAs(id));
}

/** Id that the editor can show: in a subflow a node runs as `<instance>-<id>`, and the instance is shown. */
function shownAs(id: string): string {
  for (let at = id.length; at > 0; at = id.lastIndexOf('-', at - 1)) {
    const known = id.slice(0, at);
    if (red().nodes.node(known)) return known;
  }
  return id;
}
