import { agentClaimHeader } from '@ambit/protocol';
import type { AgentClaim } from './call.ts';

const claimCharactersMax = 500;

/** What the agent said about itself, percent-decoded and cut: a claim is shown to people, never decided on. */
export function readClaim(headers: Readonly<Record<string, string | string[] | undefined>>): AgentClaim {
  const one = (name: string) => cleaned(headers[name]);
  return {
    reason: one(agentClaimHeader.reason),
    step: one(agentClaimHeader.step),
    toolCall: one(agentClaimHeader.toolCall),
  };
}

function cleaned(value: string | string[] | undefined): string | null {
  if (typeof value !== 'string' || value === '') return null;
  // Cutting may halve a surrogate pair, which no entry could hold.
  return decoded(value).slice(0, claimCharactersMax).toWellFormed();
}

/** The SDK percent-encodes, since header fields hold ASCII only; what does not decode is kept as it came. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch (error) {
    if (error instanceof URIError) return value;
    throw error;
  }
}
