import type { Step } from '../base/step';
import type { Text } from '../base/text';

/** The runtime's answer (`runtime/connection-test/connection-test.ts`). */
export interface TestView {
  state: 'running' | 'done' | 'partly' | 'failed' | 'cancelled';
  steps: Step[];
  next: number;
  abilities: { name: string; verdict: string; said: string; params?: Record<string, string | number> }[];
  notices: { level: string; text: Text }[];
  found?: Found;
  failure?: TestFault;
  /** The reason why there is no chat, for `partly`. */
  chat?: TestFault;
}

export interface Found {
  where?: string;
  software: string;
  services?: { pubsub?: string; muc?: string; upload?: string };
}

export interface TestFault {
  code: string;
  text: Text;
  certificate?: UntrustedCertificate;
}

/** An untrusted certificate, as the runtime describes it. */
export interface UntrustedCertificate {
  where: string;
  fingerprint: string;
  names: string;
  issuer: string;
  until: string;
}
