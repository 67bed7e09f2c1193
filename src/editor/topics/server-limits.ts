/// <reference path="../red.d.ts" />

import { hasWildcard } from '../../topics/filter';
import { addDescription, field, type Prefix, speaksMqtt5 } from '../form';
import type { BrokerInfo } from './broker-info';

/** Greys out options that the server lacks, with the reason; none while they are not known yet. */
export class ServerLimits {
  constructor(
    private readonly node: EditorNode,
    private readonly prefix: Prefix,
  ) {}

  /** Greys out QoS that the server does not grant. A chosen one stays: it goes out lower, and the note says so. */
  qos(known: BrokerInfo | undefined): void {
    const most = known?.capabilities?.maxQos ?? 2;
    this.options('qos', (value) => value !== '' && Number(value) > most);
    const chosen = String(field(this.prefix, 'qos').val() ?? '');
    const lowered = chosen !== '' && Number(chosen) > most;
    this.note(
      'qos',
      most === 2 ? '' : this.translate(lowered ? 'qosLowered' : 'qos', known, { most }),
      lowered,
    );
  }

  retain(known: BrokerInfo | undefined): void {
    const cannot = known?.capabilities?.retain === false;
    this.options('retain', (value) => cannot && value === 'true');
    const chosen = field(this.prefix, 'retain').val() === 'true';
    this.note('retain', cannot ? this.translate('retain', known) : '', cannot && chosen);
  }

  filter(known: BrokerInfo | undefined): void {
    const filter = String(field(this.prefix, 'topic').val() ?? '').trim();
    const { wildcards = true, shared = true, maxFilterLevels } = known?.capabilities ?? {};
    const levels = filter.split('/').length;
    let reason = '';
    if (!shared && filter.startsWith('$share/')) reason = this.translate('shared', known);
    else if (!wildcards && hasWildcard(filter)) reason = this.translate('wildcards', known);
    else if (maxFilterLevels !== undefined && levels > maxFilterLevels) {
      reason = this.translate('levels', known, { most: maxFilterLevels, levels });
    }
    this.note('topic', reason, reason !== '');
  }

  /** Greys out a section for MQTT 5 only. `isUsed`: it has values, so it must stay reachable. */
  version5(section: string, known: BrokerInfo | undefined, brokerId: unknown, isUsed: boolean): void {
    const set = speaksMqtt5(brokerId);
    const spoken = known?.version === undefined || known.version === 5;
    const reason = set
      ? spoken
        ? ''
        : this.translate('version', known)
      : this.node._(`${this.node.type}.note.version`);
    this.section(section, reason, isUsed);
  }

  session(section: string, known: BrokerInfo | undefined, isUsed: boolean): void {
    const { capabilities } = known ?? {};
    const cannot = capabilities && (!capabilities.persistentSessions || capabilities.maxQos === 0);
    this.section(section, cannot ? this.translate('session', known) : '', isUsed);
  }

  private section(section: string, reason: string, isUsed: boolean): void {
    const place = $(`.dinox-form details[data-section=${section}]`);
    place.find('fieldset').prop('disabled', reason !== '' && !isUsed);
    place
      .find('.dinox-lead.dinox-cannot-why')
      .text(reason)
      .prop('hidden', reason === '');
  }

  private options(property: string, cannot: (value: string) => boolean): void {
    const input = field(this.prefix, property);
    const chosen = input.val();
    // jQuery reads nothing from a select whose chosen option is disabled.
    input.find('option').each((_, option) => {
      const { value } = option as HTMLOptionElement;
      $(option).prop('disabled', cannot(value) && value !== chosen);
    });
  }

  private note(property: string, text: string, isWarning: boolean): void {
    const id = `${this.prefix}-${property}-limit`;
    let note = $(`#${id}`);
    if (note.length === 0) {
      const input = field(this.prefix, property);
      note = $('<div>', { id, class: 'dinox-note' });
      input.closest('.form-row').append(note);
      addDescription(input, id);
    }
    if (note.text() !== text) note.text(text);
    note.toggleClass('dinox-warn', isWarning);
  }

  private translate(key: string, known: BrokerInfo | undefined, params?: Record<string, unknown>): string {
    return this.node._(`${this.node.type}.cannot.${key}`, { server: known?.server ?? '', ...params });
  }
}
