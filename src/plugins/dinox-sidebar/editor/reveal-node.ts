import { keyboardPlace } from './keyboard-place';
import { red } from './red';

/** Scrolls to a node of the flows. */
export function revealNode(id: string): void {
  red().view.reveal(shownAs(id));
}

/** Opens the dialog of a config node. The keyboard, if it opened the dialog, comes back when that is closed. */
export function editConfigNode(type: string, id: string, isByKeyboard: boolean): void {
  const shown = shownAs(id);
  if (!red().nodes.node(shown)) return;
  if (isByKeyboard) {
    const back = keyboardPlace();
    const closed = (): void => {
      red().events.off('editor:close', closed);
      // Node-RED moves it to the flow at once.
      window.setTimeout(() => back(true));
    };
    red().events.on('editor:close', closed);
  }
  red().editor.editConfig('', type, shown);
}

/** Id that the editor can show: in a subflow a node runs as `<instance>-<id>`, and the instance is shown. */
function shownAs(id: string): string {
  for (let at = id.length; at > 0; at = id.lastIndexOf('-', at - 1)) {
    const known = id.slice(0, at);
    if (red().nodes.node(known)) return known;
  }
  return id;
}
