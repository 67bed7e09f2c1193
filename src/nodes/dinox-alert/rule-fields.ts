/** The fields of a `dinox-alert` that decide what would have fired: the dialog sends them, the runtime takes no others. */
export const RULE_FIELDS = [
  ...['condition', 'limit', 'limitType', 'limit2', 'limit2Type', 'critical', 'criticalType', 'critical2'],
  ...['critical2Type', 'hysteresis', 'holdFor', 'keepFor', 'rateWindow', 'property', 'propertyType', 'keyBy'],
  ...['keyByType', 'unit', 'decimalComma', 'noDataAfter', 'noDataAs'],
] as const;
