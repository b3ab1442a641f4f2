import type { ChannelFare } from '@ambit/sdk/operator';
import { bad, type Finding, good } from './finding.ts';

/** Whether people hear of questions: a channel that fails or was disabled tells nobody. */
export function examineChannels(channels: readonly ChannelFare[]): readonly Finding[] {
  const troubled = channels.filter(({ state, failingSince }) => state === 'disabled' || failingSince !== null);
  if (channels.length > 0 && troubled.length === 0)
    return [good('channels', `${channels.length} tell people of questions`)];
  return troubled.map(({ id, name, state, reason, failingSince, failures }) => {
    const about = `channel ${id} (${name})`;
    if (state === 'disabled')
      return bad(about, `disabled: ${reason ?? ''}`, `Mend its receiver, then: ambit channel enable ${id}`);
    const since = new Date(failingSince ?? 0).toISOString();
    return bad(
      about,
      `${failures} attempts failed since ${since}`,
      `See what it answered: ambit channel deliveries ${id}`,
    );
  });
}
