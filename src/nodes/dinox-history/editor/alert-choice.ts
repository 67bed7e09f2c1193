/// <reference path="../../../editor/red.d.ts" />

/** Offers the alerts of all flows, the only one at once. A stored one that is gone stays, and says so. */
export function fillAlerts(node: EditorNode, select: JQuery): void {
  const alerts: EditorNode[] = [];
  RED.nodes.eachNode((other) => {
    if (other.type === 'dinox-alert') alerts.push(other);
  });
  const stored = String(node.alert ?? '');
  for (const alert of alerts) select.append($('<option>', { value: alert.id }).text(labelOf(alert)));
  if (stored !== '' && !alerts.some(({ id }) => id === stored)) {
    const isVariable = /^\$[({]/.test(stored);
    const text = isVariable ? stored : node._('dinox-history.option.gone');
    select.append($('<option>', { value: stored }).text(text));
  }
  const [only] = alerts;
  select.val(stored === '' && alerts.length === 1 && only ? only.id : stored);
}

/** The alert's label, and the flow that it is in. */
function labelOf(alert: EditorNode): string {
  const flow = RED.nodes.workspace(alert.z) ?? RED.nodes.subflow(alert.z);
  const label = alert._def.label?.call(alert) ?? alert.id;
  const place = flow ? String(flow.label ?? flow.name ?? '') : '';
  return place === '' ? label : `${label} (${place})`;
}
