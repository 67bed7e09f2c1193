/** Only colours of Node-RED's own, so that its themes hold. */
export const TEST_STYLE = `
#dinox-test-button:is(:hover, :focus, :active) { color: var(--red-ui-primary-text-color) !important; }
.dinox-test { margin: 0 0 14px; padding: 10px 12px; border: 1px solid var(--red-ui-secondary-border-color);
  border-left: 4px solid var(--red-ui-secondary-border-color); border-radius: 4px; }
.dinox-test[hidden], .dinox-test [hidden] { display: none; }
.dinox-test[data-state=done] { border-left-color: var(--red-ui-border-color-success); }
.dinox-test[data-state=partly] { border-left-color: var(--red-ui-text-color-warning); }
.dinox-test[data-state=failed] { border-left-color: var(--red-ui-border-color-error); }
.dinox-test[data-state=running] { border-left-color: var(--red-ui-form-input-focus-color); }
.dinox-test-state { font-weight: bold; overflow-wrap: anywhere; }
.dinox-test-advice:empty { display: none; }
.dinox-test-advice { margin-top: 8px; overflow-wrap: anywhere; }
.dinox-test-advice > strong::after { content: ": "; }
.dinox-test-advice > pre { margin: 8px 0 0; padding: 6px 8px; white-space: pre-wrap; word-break: normal;
  overflow-wrap: break-word;
  max-height: 180px; overflow-y: auto; font-size: 12px; line-height: 1.4; border-radius: 3px;
  color: var(--red-ui-primary-text-color); background: var(--red-ui-secondary-background);
  border: 1px solid var(--red-ui-secondary-border-color); }
.dinox-certificate { display: flex; flex-direction: column; gap: 4px; align-items: flex-start; margin-top: 8px; }
.dinox-certificate code { white-space: normal; overflow-wrap: anywhere; user-select: text; }
.dinox-abilities { width: 100%; margin: 10px 0 0; border-collapse: collapse; }
.dinox-abilities caption { padding: 0 0 4px; text-align: left; font-size: 12px; caption-side: top;
  color: var(--red-ui-secondary-text-color-inactive); }
.dinox-abilities th, .dinox-abilities td { padding: 4px 8px 4px 0; text-align: left; vertical-align: baseline;
  font-weight: normal; border-top: 1px solid var(--red-ui-secondary-border-color); overflow-wrap: anywhere; }
.dinox-abilities tbody th { width: 42%; }
.dinox-abilities td > div { display: flex; gap: 6px; align-items: baseline; }
.dinox-abilities td i { flex: none; width: 20px; text-align: center; }
.dinox-abilities .dinox-yes { color: var(--red-ui-border-color-success); }
.dinox-abilities .dinox-no { color: var(--red-ui-border-color-error); }
.dinox-abilities .dinox-warning { color: var(--red-ui-text-color-error); }
.dinox-test-notices { margin: 10px 0 0 18px; font-size: 12px; overflow-wrap: anywhere; }
.dinox-form .dinox-test-steps { margin: 10px 0 0; }
.dinox-test-steps > ol { max-height: 260px; margin: 0; padding: 2px 12px 8px 34px; overflow-y: auto; font-size: 12px;
  line-height: 1.45; }
.dinox-test-steps > ol:empty { display: none; }
.dinox-test-steps li { padding: 4px 0 0; overflow-wrap: anywhere; }
.dinox-test-steps .dinox-asked { display: flex; gap: 8px; justify-content: space-between; font-weight: bold; }
.dinox-test-steps .dinox-ms { flex: none; font-weight: normal; color: var(--red-ui-secondary-text-color-inactive); }
.dinox-test-steps .dinox-follows { color: var(--red-ui-secondary-text-color-inactive); }
.dinox-test-steps .dinox-ok::marker { color: var(--red-ui-border-color-success); }
.dinox-test-steps .dinox-not::marker { color: var(--red-ui-border-color-error); }
`;
