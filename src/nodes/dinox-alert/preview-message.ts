import { showText } from '../../alert/alert-text';
import { MessageTexts } from '../../alert/message-texts';
import type { PreviewMessage } from '../../alert/preview-answer';
import type { Value } from '../../alert/states';
import type { Translate } from '../../base/translate';
import type { AlertConfig } from './config';
import { ownMessage } from './own-message';
import { testValue } from './test-value';
import type { FieldNames } from './topic-names';

export interface PreviewMessageAsked {
  config: AlertConfig;
  /** The key that is shown; undefined: none is known yet. */
  key: string | undefined;
  unit: string;
  /** The last value. */
  value: Value | undefined;
  /** The node's name. */
  name: string;
  names: FieldNames;
  now: number;
  translate: Translate;
}

/** The message of an alert with these fields, about a value for which the condition would hold. */
export function previewMessage(asked: PreviewMessageAsked): PreviewMessage {
  const { config, key = '', names, now, translate } = asked;
  const { rules, limits } = config;
  const answer: PreviewMessage = { text: '' };
  const texts = new MessageTexts(rules, translate, {
    timeZone: config.timeZone,
    name: asked.name,
    title: (one) => names.titleOf(one),
    opening: (one, value) => names.openingOf(one, value),
    own: (facts) =>
      config.message &&
      ownMessage(config.message, facts, (why) => {
        answer.fault = why.text;
      }),
  });
  const isNoData = rules.condition === 'nodata';
  const { text } = texts.line(
    {
      ...{
        reason: isNoData ? 'nodata' : 'raised',
        id: '',
        number: 1,
        key,
        previous: 'normal',
        severity: 'warning',
      },
      ...{
        state: isNoData ? 'nodata' : 'firing',
        limit: limits?.source.limit,
        acked: undefined,
        replaces: undefined,
      },
      value: testValue(rules.condition, limits) ?? asked.value,
      unit: asked.unit || names.unitOf(key),
      since: now,
      at: now,
    },
    limits,
  );
  // What cannot be read is said even where nothing is told by it.
  if (config.message?.fault) answer.fault = config.message.fault.text;
  return { ...answer, text: showText(text) };
}
