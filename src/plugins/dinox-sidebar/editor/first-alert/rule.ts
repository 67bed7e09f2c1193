import type { PreviewAnswer } from '../../../../alert/preview-answer';
import { post } from '../../../../editor/admin-api';
import { propertyOf } from '../../../../editor/suggest';
import type { GuideState } from './state';

/** The choices as fields of a `dinox-alert`. */
export function alertFields(state: GuideState): Record<string, string> {
  const { condition, field, holdFor, hysteresis } = state;
  const limit = state.limit.trim();
  const isNumeric = condition === 'above' || condition === 'below';
  return {
    condition,
    ...(condition === 'nodata' && { noDataAfter: state.noDataAfter }),
    ...(condition === 'equals' && { limit, limitType: 'str' }),
    ...(isNumeric && { limit: limit.replace(',', '.'), limitType: 'num', hysteresis }),
    ...(condition !== 'nodata' && { holdFor }),
    property: propertyOf(field),
    propertyType: 'msg',
  };
}

/** The last day with these choices, and what the phone would say. */
export function askPreview(state: GuideState, name: string, points: number): Promise<PreviewAnswer> {
  const { broker, topic } = state;
  return post<PreviewAnswer>('dinox/alerts/guide/preview', {
    rule: { ...alertFields(state), keyBy: 'topic', keyByType: 'topic', unit: topic.unit ?? '' },
    // The recorder knows it by this name, whichever filter a flow takes.
    sources: [{ broker, filter: topic.topic }],
    name,
    points,
  });
}
