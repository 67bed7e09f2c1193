import { brokerPath, post } from '../../../../editor/admin-api';
import { el } from '../../../../editor/dom';
import { type Translate, visible } from '../../../../editor/format';
import { button } from '../controls';
import { whatFailed } from '../notes';
import type { LastPublication, Preferences } from '../prefs';
import { PresetBar } from './presets';

/** A form to publish a message, with earlier ones to choose from. */
export function publishForm(
  translate: Translate,
  prefs: Preferences,
  broker: () => string,
  fixedTopic: string | undefined,
): HTMLElement {
  const topic = el('input', 'dxs-input', {
    type: 'text',
    'aria-label': translate('publish.topic'),
    placeholder: translate('publish.topic'),
    autocomplete: 'off',
    spellcheck: 'false',
  });
  topic.value = fixedTopic ?? '';
  const payload = el('textarea', 'dxs-input', {
    rows: 3,
    'aria-label': translate('publish.payload'),
    placeholder: translate('publish.payload'),
    spellcheck: 'false',
  });
  const retain = el('input', '', { type: 'checkbox' });
  const keep = el('input', '', { type: 'checkbox' });
  const qos = el('select', 'dxs-select dxs-qos', { 'aria-label': translate('publish.qos') });
  for (const level of ['0', '1', '2'])
    qos.append(el('option', '', { value: level }, translate('publish.qosLevel', { n: level })));
  const status = el('span', 'dxs-note', { role: 'status' });
  const before = el('select', 'dxs-select', {
    'aria-label': translate('publish.before'),
    title: translate('publish.before'),
  });

  const fill = (sent: LastPublication): void => {
    topic.value = sent.topic;
    if (sent.payload !== undefined) payload.value = sent.payload;
    retain.checked = sent.retain;
    qos.value = String(sent.qos);
  };
  const history = (): LastPublication[] =>
    prefs.values.sent.filter((sent) =>
      fixedTopic === undefined ? true : sent.topic === fixedTopic && sent.payload !== undefined,
    );
  const listHistory = (): void => {
    before.replaceChildren(
      el('option', '', { value: '' }, translate('publish.before')),
      ...history().map((sent, i) => {
        const words = [
          ...(fixedTopic === undefined ? [visible(sent.topic, 40)] : []),
          ...(sent.payload === undefined ? [] : [visible(sent.payload, 40)]),
        ];
        const text = words.join(': ');
        return el('option', '', { value: i }, text);
      }),
    );
    before.hidden = history().length === 0;
  };
  keep.checked = prefs.values.keepSent;
  keep.addEventListener('change', () => {
    prefs.setKeepSent(keep.checked);
    listHistory();
  });
  before.addEventListener('change', () => {
    const sent = history()[Number(before.value)];
    if (before.value !== '' && sent) fill(sent);
  });

  const read = (): LastPublication & { payload: string } => ({
    topic: topic.value,
    payload: payload.value,
    qos: Number(qos.value),
    retain: retain.checked,
  });
  const presets = new PresetBar(translate, { broker, topic: fixedTopic, read, fill });

  const send = async (): Promise<void> => {
    const sent = read();
    status.className = 'dxs-note';
    status.textContent = translate('publish.sending');
    try {
      await post(brokerPath(broker(), 'publish'), sent);
      status.textContent = translate('publish.sent');
      prefs.addSent(sent);
      listHistory();
    } catch (error) {
      status.className = 'dxs-note dxs-fault';
      status.textContent = whatFailed(error, translate);
    }
  };
  listHistory();
  const form = el(
    'form',
    'dxs-form',
    { 'aria-label': translate('publish.label') },
    presets.list,
    fixedTopic === undefined ? topic : undefined,
    payload,
    el('div', 'dxs-bar', {}, qos, el('label', 'dxs-check', {}, retain, translate('publish.retain'))),
    before,
    el('label', 'dxs-check', {}, keep, translate('publish.keep')),
    el(
      'div',
      'dxs-bar',
      {},
      button(
        { icon: 'paper-plane-o', text: translate('publish.send'), class: 'dxs-primary' },
        () => void send(),
      ),
      status,
    ),
    presets.element,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void send();
  });
  // Node-RED's shortcuts must not react to typing here.
  form.addEventListener('keydown', (event) => event.stopPropagation());
  return form;
}
