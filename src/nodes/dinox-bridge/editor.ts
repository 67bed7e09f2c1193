/// <reference path="../../editor/red.d.ts" />
import { readRoomPasswords } from '../../chatbridge/room-passwords';
import { BRIDGE_FORMATS, DIRECTIONS, readRules } from '../../chatbridge/rules';
import { CardList, type CardOptions, type RawCard } from '../../editor/card-list';
import * as form from '../../editor/form';
import type { ChatParts } from '../../editor/people/chat-parts';
import { readText } from '../../editor/texts';
import { whole } from '../../editor/validation';

const PREFIX = 'node-input';
/** Fields that matter for one direction only. */
const INTO_CHAT = ['filter', 'format', 'alias', 'rate'];
const INTO_MQTT = ['topic', 'allow'];
const RULE_CARDS: CardOptions = {
  fields: ['to', 'direction', 'filter', 'format', 'topic', 'allow', 'alias', 'rate', 'kind'],
  choices: { direction: DIRECTIONS, kind: ['auto', 'chat', 'groupchat'], format: BRIDGE_FORMATS },
  defaults: {
    ...{
      to: '',
      direction: 'both',
      filter: '',
      format: 'short',
      topic: '',
      allow: '',
      alias: '',
      rate: '20',
    },
    kind: 'auto',
  },
  title: 'label.rule',
  problems: (rules) => readRules(rules).problems,
  isHidden: ({ direction }, field) =>
    (direction === 'toMqtt' && INTO_CHAT.includes(field)) ||
    (direction === 'toChat' && INTO_MQTT.includes(field)),
};
const LIST = 'dinox-rule-list';
/** On the page, because the sidebar opens the dialog: the rule that it begins with, for this node alone. */
const OFFERED = 'dinox-offered-rule';
/** Placeholder for stored passwords, which the editor never sees. */
const STORED = '__PWRD__';
/** A field holds one JID, whatever stands in it. */
const NO_SEPARATOR = /(?!)/;
const rulesOf = (node: EditorNode): RawCard[] => (Array.isArray(node.rules) ? (node.rules as RawCard[]) : []);
const openList = (): CardList | undefined => $('#dinox-rules').data(LIST) as CardList | undefined;

/** The fields in which people are chosen; nothing while `dinox-broker`, which brings them, is switched off. */
function peopleOf(
  place: JQuery,
  changed: () => void,
): {
  choosePeople?: (input: HTMLInputElement, kind: () => string) => () => void;
  look?: () => void;
} {
  const parts = RED.nodes.getType('dinox-broker')?.chatParts as ChatParts | undefined;
  if (!parts) return {};
  const people = new parts.People(
    () => String(form.field(PREFIX, 'broker').val() ?? ''),
    () => document.contains(place[0] ?? null),
    changed,
  );
  return {
    look: () => people.look(),
    choosePeople: (input, kind) => {
      const chooser = new parts.PeopleChooser({
        ...{ input: $(input), people, separator: NO_SEPARATOR, joiner: '', isSingle: true },
        takes: (choice) => kind() === 'auto' || (kind() === 'groupchat') === (choice.kind === 'room'),
      });
      return () => chooser.update();
    },
  };
}

/**
 * Shows that passwords are stored, instead of their placeholder, and offers to forget them.
 * @returns whether the stored ones will be kept if nothing is typed.
 */
function offerRoomPasswords(): () => boolean {
  const passwords = form.field(PREFIX, 'roomPasswords');
  const forget = $('#dinox-passwords-forget');
  const show = (isStored: boolean): void => {
    passwords.data(STORED, isStored);
    forget.prop('hidden', !isStored);
    $('#dinox-note-stored').prop('hidden', !isStored);
  };
  const isStored = passwords.val() === STORED;
  if (isStored) passwords.val('');
  show(isStored);
  forget.on('click', () => {
    show(false);
    passwords.trigger('focus').trigger('change');
  });
  return () => passwords.data(STORED) === true;
}

RED.nodes.registerType('dinox-bridge', {
  category: 'DinoX',
  color: '#8cc8a4',
  icon: 'dinox-bridge.svg',
  paletteLabel: 'dinox bridge',
  defaults: {
    name: { value: '' },
    broker: { value: '', type: 'dinox-broker', required: true },
    maxText: { value: '', validate: form.ruled(whole('maxText')) },
    maxFile: { value: '', validate: form.ruled(whole('maxFile')) },
    maxParsed: { value: '', validate: form.ruled(whole('maxParsed')) },
    rules: {
      value: [],
      validate(value, _options) {
        if (!Array.isArray(value) || value.length === 0) return this._('dinox-bridge.problem.noRules');
        const [problem] = readRules(value).problems;
        if (!problem) return true;
        const { number, field, text } = problem;
        return `${this._('dinox-bridge.label.rule', { number })}, ${this._(`dinox-bridge.label.${field}`)}: ${readText(text)}`;
      },
    },
  },
  credentials: {
    roomPasswords: {
      type: 'password',
      validate: form.ruled((typed) => (typed === STORED ? undefined : readRoomPasswords(typed).problems[0])),
    },
  },
  inputs: 0,
  outputs: 0,
  /** Opens the dialog of a bridge with one more rule. It counts once somebody presses *Done*. */
  openWithRule(node: EditorNode, rule: RawCard): void {
    $(document).data(OFFERED, { id: node.id, rule });
    RED.editor.edit(node);
  },
  label() {
    const [first] = rulesOf(this);
    return String(this.name || first?.to || 'dinox bridge');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    form.chooseOnlyConnection(this, PREFIX);
    const place = $('#dinox-rules');
    const { choosePeople, look: lookForPeople } = peopleOf(place, () => list.redraw());
    const list = new CardList(
      place[0] as HTMLElement,
      (key, values) => this._(`dinox-bridge.${key}`, values),
      rulesOf(this),
      {
        ...RULE_CARDS,
        enhance: (inputs) => {
          const to = inputs.get('to');
          return to instanceof HTMLInputElement
            ? choosePeople?.(to, () => inputs.get('kind')?.value ?? 'auto')
            : undefined;
        },
      },
    );
    place.data(LIST, list);
    const offered = $(document).data(OFFERED) as { id: string; rule: RawCard } | undefined;
    $(document).removeData(OFFERED);
    if (offered?.id === this.id) list.add(offered.rule);
    $('#dinox-rule-add').on('click', () => list.add());
    const isStored = offerRoomPasswords();
    const look = form.explainFaults(this, PREFIX);
    const update = (): void => {
      const broker = RED.nodes.node(form.field(PREFIX, 'broker').val());
      $('#dinox-note-account').prop('hidden', !broker || Boolean(broker.jid));
      lookForPeople?.();
      list.update();
      const [words, data, file] = ['maxText', 'maxParsed', 'maxFile'].map((name) =>
        String(form.field(PREFIX, name).val() || ''),
      );
      form.digest(
        'limits',
        this._('dinox-bridge.digest.limits', { text: words || 10, parsed: data || 64, file: file || 10 }),
      );
      const isAny = isStored() || String(form.field(PREFIX, 'roomPasswords').val()).trim() !== '';
      form.digest('roomPasswords', this._(`dinox-bridge.digest.${isAny ? 'stored' : 'none'}`));
      look();
    };
    form.whenChanged(update);
    update();
  },
  oneditsave() {
    const passwords = form.field(PREFIX, 'roomPasswords');
    if (passwords.data(STORED) && String(passwords.val()).trim() === '') passwords.val(STORED);
    const rules = openList()?.entries ?? [];
    if (JSON.stringify(rules) !== JSON.stringify(rulesOf(this))) this.rules = rules;
  },
});
