/// <reference path="../../editor/red.d.ts" />

import { readActuators } from '../../answers/actuators';
import { CardList, type CardOptions, type RawCard } from '../../editor/card-list';
import * as form from '../../editor/form';
import type { ChatParts } from '../../editor/people/chat-parts';
import { addressRule } from '../../editor/people/find-rules';
import type { WatchShown } from '../../editor/shown-state';
import { readText } from '../../editor/texts';
import { duration, filters } from '../../editor/validation';
import { ENTRY_SEPARATOR, entriesOf } from '../../xmpp/typed-addresses';
import { offerEntities } from './editor/entity-field';
import { pattern } from './editor/rules';

const PREFIX = 'node-input';
const field = (property: string): JQuery => form.field(PREFIX, property);
const typed = (property: string): string => String(field(property).val() ?? '').trim();

const LIST = 'dinox-actuator-list';
const ACTUATOR_CARDS: CardOptions = {
  fields: ['name', 'topic', 'entity', 'payload', 'allow', 'qos', 'retain'],
  choices: { qos: ['0', '1', '2'], retain: ['false', 'true'] },
  defaults: {
    ...{ name: '', entity: '', topic: '', payload: '{{value}}', allow: '', qos: '1' },
    retain: 'false',
  },
  title: 'label.title',
  isHidden: ({ entity, topic }, field) =>
    (entity ?? '').trim() === ''
      ? field === 'entity' && (topic ?? '').trim() !== ''
      : ['topic', 'payload', 'qos', 'retain'].includes(field),
  enhance: (inputs) => offerEntities(inputs, () => typed('broker')),
  problems: (cards) => readActuators(cards).problems,
};
/** The entries of the flow file as those of the dialog, whose values are texts. */
const actuatorsOf = (node: EditorNode): RawCard[] =>
  (Array.isArray(node.actuators) ? (node.actuators as Record<string, unknown>[]) : []).map((one) =>
    Object.fromEntries(Object.entries(one).map(([field, value]) => [field, String(value)])),
  );
const openList = (): CardList | undefined => $('#dinox-actuators').data(LIST) as CardList | undefined;

/** The pattern's type: from this node's open dialog, else as stored. */
function patternType(node: EditorNode): unknown {
  const choice = field('patternType');
  return choice.data('dinox-node') === node.id ? choice.val() : node.patternType;
}

RED.nodes.registerType('xmpp-in', {
  category: 'DinoX',
  color: '#8cc8a4',
  icon: 'xmpp-in.svg',
  paletteLabel: 'xmpp in',
  defaults: {
    name: { value: '' },
    broker: { value: '', type: 'dinox-broker', required: true },
    allow: { value: '', validate: form.ruled(addressRule('allow')) },
    kind: { value: 'any' },
    pattern: {
      value: '',
      validate(value, options) {
        return form.ruled(pattern(() => patternType(this))).call(this, value, options);
      },
    },
    patternType: { value: 'text' },
    addressed: { value: false },
    answerTopics: { value: '', validate: form.ruled(filters) },
    actuators: {
      value: [],
      validate(value, _options) {
        const [problem] = readActuators(value).problems;
        if (!problem) return true;
        const { number, field, text } = problem;
        const title = this._('xmpp-in.actuator.label.title', { number });
        return `${title}, ${this._(`xmpp-in.actuator.label.${field}`)}: ${readText(text)}`;
      },
    },
    publishAllow: { value: '', validate: form.ruled(addressRule('allow')) },
    links: { value: false },
    showInHomeAssistant: { value: false },
    showText: { value: false },
    maxAge: { value: '5m', validate: form.ruled(duration) },
    archive: { value: true },
    rooms: { value: '', validate: form.ruled(addressRule('rooms')) },
    nick: { value: '', validate: form.ruled(addressRule('nick')) },
  },
  credentials: { password: { type: 'password' } },
  inputs: 0,
  outputs: 2,
  label() {
    return String(this.name || this.pattern || 'xmpp in');
  },
  outputLabels(index) {
    return this._(index === 0 ? 'xmpp-in.output.messages' : 'xmpp-in.output.events');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    form.chooseOnlyConnection(this, PREFIX);
    field('patternType').data('dinox-node', this.id);
    form.fillMissing(this, PREFIX, {
      kind: 'any',
      patternType: 'text',
      addressed: false,
      maxAge: '5m',
      archive: true,
    });

    const actuators = $('#dinox-actuators');
    const list = new CardList(
      actuators[0] as HTMLElement,
      (key, values) => this._(`xmpp-in.actuator.${key}`, values),
      actuatorsOf(this),
      ACTUATOR_CARDS,
    );
    actuators.data(LIST, list);
    $('#dinox-actuator-add').on('click', () => list.add());
    const look = form.explainFaults(this, PREFIX);
    const watchShown = RED.nodes.getType('dinox-broker')?.watchShown as WatchShown | undefined;
    watchShown?.(field('showInHomeAssistant'), () => String(field('broker').val() ?? ''));
    // `dinox-broker` may be switched off.
    const parts = RED.nodes.getType('dinox-broker')?.chatParts as ChatParts | undefined;
    if (!parts) return;
    const { BotAccount, PeopleChooser, People } = parts;
    const allow = field('allow')[0] as HTMLTextAreaElement;
    const people = new People(
      () => typed('broker'),
      () => document.contains(allow),
      () => show(),
    );
    const choosers = (['allow', 'rooms'] as const).map(
      (property) =>
        new PeopleChooser({
          ...{ input: field(property), people, separator: ENTRY_SEPARATOR, joiner: '\n' },
          takes: ({ kind }) => property === 'allow' || kind === 'room',
        }),
    );
    const show = (): void => {
      for (const chooser of choosers) chooser.update();
    };
    const bot = new BotAccount('dinox-note-own', () => field('broker'));
    field('allow').closest('.form-row').after(bot.element);
    const update = (): void => {
      const broker = RED.nodes.node(field('broker').val());
      const allowed = entriesOf(typed('allow'), ENTRY_SEPARATOR);
      const onlyOwn = allowed.every((entry) => entry === broker?.jid);
      $('#dinox-note-account').prop('hidden', !broker || Boolean(broker.jid));
      const { account } = people;
      bot.show(onlyOwn ? this._('xmpp-in.note.own') : '', account);
      people.look();
      show();
      $('#dinox-note-everyone').prop('hidden', !allowed.includes('*'));
      $('#dinox-note-pattern').text(this._(`xmpp-in.note.pattern-${field('patternType').val()}`));
      const rooms = entriesOf(typed('rooms'), ENTRY_SEPARATOR);
      form.digest('rooms', rooms.join(', '));
      form.digest('answers', entriesOf(typed('answerTopics'), /\n/).join(', '));
      form.digest('age', typed('maxAge') || this._('xmpp-in.placeholder.maxAge'));
      list.update();
      form.digest('actuators', list.entries.map(({ name }) => name ?? '').join(', '));
      form.digest('saved', entriesOf(typed('publishAllow'), ENTRY_SEPARATOR).join(', '));
      look();
    };
    form.whenChanged(update);
    update();
  },
  oneditsave() {
    const entries = openList()?.entries ?? [];
    if (JSON.stringify(entries) === JSON.stringify(actuatorsOf(this))) return;
    this.actuators = entries.map((one) => {
      const { name, entity, allow } = one;
      // Its device says how it is told something.
      if (entity !== '') return { name, entity, allow };
      const { entity: _, ...told } = one;
      return { ...told, retain: one.retain === 'true' };
    });
  },
});
