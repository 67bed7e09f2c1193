const GRID = 20;

/** Pixels between two nodes that are wired, so that the wire is seen. */
export const GAP = 40;

/** Width of a node with this label on the editor's grid, in pixels; rather a little too much. */
export function widthOf(label: string): number {
  const context = document.createElement('canvas').getContext('2d');
  if (context) context.font = "14px 'Helvetica Neue', Arial, Helvetica, sans-serif";
  const text = context?.measureText(label).width ?? label.length * 8;
  return Math.max(100, GRID * 2 * Math.ceil((text + 60) / (GRID * 2)));
}
