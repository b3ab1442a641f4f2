import { type Authority, listMembers, listMembersMax, readableAuthority, ShapeFault } from '@ambit/protocol';
import { refuse } from '../foundation/index.ts';

/** Reads authority from plain JSON or what `parseJson` returned. Refuses with the place and what is wrong there. */
export function parseAuthority(value: unknown): Authority {
  const authority = readAuthority(value);
  const members = listMembers(authority);
  if (members <= listMembersMax) return authority;
  const says = `The authority lists ${members} values; at most ${listMembersMax} fit. Name fewer, or write a prefix or range.`;
  throw refuse('authority.too_large', says, says);
}

function readAuthority(value: unknown): Authority {
  try {
    return readableAuthority.read(value, 'authority');
  } catch (fault) {
    if (!(fault instanceof ShapeFault)) throw fault;
    throw refuse('authority.malformed', fault.message, fault.message);
  }
}
