import type { Command } from '../command.ts';
import { agentCommands } from './agent.ts';
import { approvalCommands } from './approval.ts';
import { approvalWatchCommands } from './approval-watch.ts';
import { auditCommands } from './audit.ts';
import { catalogCommands } from './catalog.ts';
import { channelCommands } from './channel.ts';
import { credentialCommands } from './credential.ts';
import { doctorCommands } from './doctor.ts';
import { domainCommands } from './domain.ts';
import { enrolCommands } from './enrol.ts';
import { keysCommands } from './keys.ts';
import { limitCommands } from './limit.ts';
import { moveCommands } from './move.ts';
import { personCommands } from './person.ts';
import { pointCommands } from './point.ts';
import { policyCommands } from './policy.ts';
import { proposalCommands } from './proposal.ts';
import { runCommands } from './run.ts';
import { serveCommands } from './serve.ts';
import { signInCommands } from './sign-in.ts';
import { signalCommands } from './signal.ts';
import { taskCommands } from './task.ts';
import { templateKeyCommands } from './template-key.ts';
import { tokenIssuerCommands } from './token-issuer.ts';
import { trustDomainCommands } from './trust-domain.ts';

/** Every command, in the order in which the help lists them. */
export const rows: readonly Command[] = [
  ...serveCommands,
  ...moveCommands,
  ...keysCommands,
  ...enrolCommands,
  ...personCommands,
  ...signInCommands,
  ...agentCommands,
  ...templateKeyCommands,
  ...trustDomainCommands,
  ...tokenIssuerCommands,
  ...taskCommands,
  ...catalogCommands,
  ...policyCommands,
  ...domainCommands,
  ...approvalCommands,
  ...proposalCommands,
  ...approvalWatchCommands,
  ...channelCommands,
  ...credentialCommands,
  ...limitCommands,
  ...pointCommands,
  ...signalCommands,
  ...runCommands,
  ...auditCommands,
  ...doctorCommands,
];

/** What each group is about. */
export const groups: Readonly<Record<string, string>> = {
  keys: 'the plane’s own keys, in their file on this machine',
  person: 'persons: who they are, their roles, what they may hand to agents',
  'person key': 'keys of persons',
  'sign-in': 'how people sign in through the organisation’s OpenID provider',
  'sign-in provider': 'OpenID providers',
  'sign-in person': 'who the subjects of a provider are',
  'sign-in group': 'what groups of a provider give',
  agent: 'agents: their keys, states and standing grants',
  'agent key': 'keys of an agent',
  'agent identity': 'names that authorities outside give to an agent',
  'agent user': 'user-shaped records of an agent in other applications',
  'agent template-key': 'static keys of an agent, for clients that can do no better',
  'agent grant': 'what an agent may do unasked',
  'trust-domain': 'SPIFFE trust domains that vouch for agents',
  'token-issuer': 'OIDC issuers whose workload tokens vouch for agents',
  task: 'tasks: what an agent may do now, for whom, and until when',
  'task purpose': 'purpose types',
  'task template': 'templates of tasks',
  'task elevation': 'what tasks may do for a while beside their authority',
  'task token': 'tokens of tasks',
  catalog: 'APIs and their actions',
  policy: 'the organisation’s own rules',
  domain: 'worlds of the organisation’s own that enforcement points ask about',
  approval: 'questions that wait for a person',
  proposal: 'changes that lower a gate and wait for a second person',
  'approval remembered': 'yeses that stand for later calls',
  'approval rule': 'who answers questions',
  channel: 'how people hear of questions',
  credential: 'downstream credentials in the vault',
  limit: 'limits over windows',
  'limit age': 'how old things may become',
  point: 'enforcement points that ask for decisions',
  signal: 'what others hear of what ended here, and whose word disables persons',
  'signal transmitter': 'transmitters whose word about persons counts here',
  'signal person': 'who the subjects of a transmitter are',
  run: 'what agents did, as traces',
  audit: 'the log, and its proof',
};
