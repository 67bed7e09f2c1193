/** What a message about an alert may say, as far as a dialog offers it. */
export const ALERT_PLACEHOLDERS = [
  'name',
  'value_with_unit',
  'limit_with_unit',
  'duration',
  'severity',
  'text',
] as const;
