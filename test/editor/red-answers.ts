/** What `src/editor/red.d.ts` takes for granted of Node-RED's editor, as questions to the real one. */

/** To be evaluated in the page, with a flow open and nothing selected. */
export const ASKED = `(async () => {
  const name = (value) => value === null ? 'null' : Array.isArray(value) ? 'list of ' + value.length : typeof value;
  const flow = RED.workspaces.active();
  const answers = {
    'node(unknown)': name(RED.nodes.node('unknown')),
    'node("")': name(RED.nodes.node('')),
    'node(null)': name(RED.nodes.node(null)),
    'node(_ADD_)': name(RED.nodes.node('_ADD_')),
    'node(\${X})': name(RED.nodes.node('$' + '{X}')),
    'node(a flow)': name(RED.nodes.node(flow)),
    'group(unknown)': name(RED.nodes.group('unknown')),
    'subflow(unknown)': name(RED.nodes.subflow('unknown')),
    'workspace(unknown)': name(RED.nodes.workspace('unknown')),
    'getType(unknown)': name(RED.nodes.getType('dinox-unknown')),
    'getType(ours)._': name(RED.nodes.getType('dinox-broker')._),
    'text of ours': RED.nodes.getType('dinox-broker')._('dinox-broker.takeOver.cancel') !== 'dinox-broker.takeOver.cancel',
    'text that is not there': RED._('dinox.no.such.text'),
    'filterLinks(unknown target)': name(RED.nodes.filterLinks({ target: { id: 'unknown' } })),
    'filterLinks(unknown source)': name(RED.nodes.filterLinks({ source: { id: 'unknown' } })),
    'filterNodes(none)': name(RED.nodes.filterNodes({ type: 'unknown' })),
    'selection() of nothing': JSON.stringify(RED.view.selection()),
    'dirty()': name(RED.nodes.dirty()),
    'id()': /^[0-9a-f]{16}$/.test(RED.nodes.id()),
    'active()': name(flow),
    'isLocked(flow)': name(RED.workspaces.isLocked(flow)),
    'isLocked(unknown)': Boolean(RED.workspaces.isLocked('unknown')),
    'remove(unknown).links': name(RED.nodes.remove('unknown').links),
    'hasPermission(any)': name(RED.user.hasPermission('dinox.write')),
    'getLocal(unknown)': name(RED.settings.getLocal('dinox-unknown')),
    'settings.get(unknown)': name(RED.settings.get('dinox.unknown')),
    'clipboard.copyText': name(RED.clipboard.copyText),
    'editor.editConfig takes': RED.editor.editConfig.length,
    'actions.remove(unknown)': name(RED.actions.remove('dinox:unknown')),
    'menu.removeItem(unknown)': name(RED.menu.removeItem('dinox-unknown')),
  };
  let visited = 0;
  RED.nodes.eachConfig(() => { visited += 1; return false; });
  answers['eachConfig ends with false'] = visited <= 1;

  // Placed, found, wired and taken away again.
  const receiver = { id: 'dinox-asked-in', type: 'dinox-mqtt-in', z: flow, x: 100, y: 100, topic: 'a', broker: '', wires: [['dinox-asked-alert']] };
  const alert = { id: 'dinox-asked-alert', type: 'dinox-alert', z: flow, x: 300, y: 100, wires: [[], [], []] };
  const made = RED.nodes.import([receiver, alert], { generateIds: false });
  answers['import().nodes'] = name(made.nodes);
  answers['import().links'] = name(made.links);
  const placed = RED.nodes.node('dinox-asked-alert');
  answers['placed node'] = name(placed);
  answers['placed node.type'] = placed.type;
  answers['placed node._'] = name(placed._);
  answers['placed node._def.defaults'] = name(placed._def.defaults);
  answers['placed node.g'] = name(placed.g);
  answers['label'] = name(RED.utils.getNodeLabel(placed, 'fallback'));
  // A reason from a validator of one parameter counts as valid.
  placed.dependsOn = [{ type: 'key', node: '', pattern: '' }];
  RED.editor.validateNode(placed);
  answers['a reason makes a node invalid'] = placed.validationErrors.some((why) => why.includes('home/+/router'));
  answers['our validators of one parameter'] = RED.nodes.registry.getNodeTypes()
    .filter((type) => /^(dinox|xmpp)-/.test(type))
    .flatMap((type) => {
      const { defaults, credentials } = RED.nodes.getType(type);
      return Object.entries({ ...defaults, ...credentials })
        .filter(([, { validate }]) => validate !== undefined && validate.length !== 2)
        .map(([property]) => type + '.' + property);
    }).join();
  const [link] = RED.nodes.filterLinks({ target: { id: 'dinox-asked-alert' } });
  answers['link'] = link.source.id + ':' + link.sourcePort + '>' + link.target.id;
  let seen = 0;
  RED.nodes.eachNode(() => { seen += 1; return false; });
  answers['eachNode ends with false'] = seen;
  answers['import(an id that is there)'] = String((() => {
    try {
      return RED.nodes.import([{ ...receiver }], { generateIds: false });
    } catch (error) {
      return 'throws ' + error.code;
    }
  })());
  $('.red-ui-notification button').trigger('click');
  answers['remove().links'] = name(RED.nodes.remove('dinox-asked-alert').links);
  answers['remove() of the last'] = name(RED.nodes.remove('dinox-asked-in').links);
  answers['removed node'] = name(RED.nodes.node('dinox-asked-in'));
  const wasDirty = RED.nodes.dirty();
  const back = RED.nodes.add(placed);
  answers['add()'] = back.id;
  RED.nodes.remove(placed.id);
  RED.nodes.dirty(wasDirty);
  RED.view.redraw(true, true);
  const notice = RED.notify($('<p>').text('asked'));
  answers['notify().close'] = name(notice.close);
  notice.close();
  return answers;
})()`;

export const ANSWERS: Readonly<Record<string, unknown>> = {
  'node(unknown)': 'undefined',
  'node("")': 'undefined',
  'node(null)': 'undefined',
  'node(_ADD_)': 'undefined',
  ['node($' + '{X})']: 'undefined',
  'node(a flow)': 'undefined',
  'group(unknown)': 'undefined',
  'subflow(unknown)': 'undefined',
  'workspace(unknown)': 'undefined',
  'getType(unknown)': 'undefined',
  'getType(ours)._': 'function',
  'text of ours': true,
  'text that is not there': 'dinox.no.such.text',
  'filterLinks(unknown target)': 'list of 0',
  'filterLinks(unknown source)': 'list of 0',
  'filterNodes(none)': 'list of 0',
  'selection() of nothing': '{}',
  'dirty()': 'boolean',
  'id()': true,
  'active()': 'string',
  'isLocked(flow)': 'boolean',
  'isLocked(unknown)': false,
  'remove(unknown).links': 'list of 0',
  'hasPermission(any)': 'boolean',
  'getLocal(unknown)': 'null',
  'settings.get(unknown)': 'undefined',
  'editor.editConfig takes': 5,
  'clipboard.copyText': 'function',
  'actions.remove(unknown)': 'undefined',
  'menu.removeItem(unknown)': 'undefined',
  'eachConfig ends with false': true,
  'import().nodes': 'list of 2',
  'import().links': 'list of 1',
  'placed node': 'object',
  'placed node.type': 'dinox-alert',
  'placed node._': 'function',
  'placed node._def.defaults': 'object',
  'placed node.g': 'undefined',
  label: 'string',
  'a reason makes a node invalid': true,
  'our validators of one parameter': '',
  link: 'dinox-asked-in:0>dinox-asked-alert',
  'eachNode ends with false': 1,
  'import(an id that is there)': 'throws import_conflict',
  'remove().links': 'list of 1',
  'remove() of the last': 'list of 0',
  'removed node': 'undefined',
  'add()': 'dinox-asked-alert',
  'notify().close': 'function',
};
