import { approvalsRefusals } from './approvals.ts';
import { auditRefusals } from './audit.ts';
import { authorityRefusals } from './authority.ts';
import { catalogRefusals } from './catalog.ts';
import { channelsRefusals } from './channels.ts';
import { elevationsRefusals } from './elevations.ts';
import { endingsRefusals } from './endings.ts';
import { foundationRefusals } from './foundation.ts';
import { gatewayRefusals } from './gateway.ts';
import { guardRefusals } from './guard.ts';
import { identityRefusals } from './identity.ts';
import { limitsRefusals } from './limits.ts';
import { policyRefusals } from './policy.ts';
import { proposalsRefusals } from './proposals.ts';
import type { RefusalRow } from './row.ts';
import { signalsRefusals } from './signals.ts';
import { tasksRefusals } from './tasks.ts';
import { templateKeysRefusals } from './template-keys.ts';
import { tokensRefusals } from './tokens.ts';
import { vaultRefusals } from './vault.ts';
import { viewsRefusals } from './views.ts';

/** Every reason to refuse, in one closed table: `code → status, OAuth error, safe sentence`. */
export const refusals = {
  ...foundationRefusals,
  ...auditRefusals,
  ...authorityRefusals,
  ...identityRefusals,
  ...proposalsRefusals,
  ...catalogRefusals,
  ...tasksRefusals,
  ...policyRefusals,
  ...tokensRefusals,
  ...templateKeysRefusals,
  ...limitsRefusals,
  ...approvalsRefusals,
  ...channelsRefusals,
  ...elevationsRefusals,
  ...vaultRefusals,
  ...endingsRefusals,
  ...signalsRefusals,
  ...viewsRefusals,
  ...gatewayRefusals,
  ...guardRefusals,
} as const;

export type RefusalCode = keyof typeof refusals;

export function refusalRow(code: RefusalCode): RefusalRow {
  return refusals[code];
}

export function isRefusalCode(text: string): text is RefusalCode {
  return Object.hasOwn(refusals, text);
}

export type { RefusalRow } from './row.ts';
