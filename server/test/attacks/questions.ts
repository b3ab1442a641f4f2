import assert from 'node:assert/strict';
import type { ApprovalId, TaskId } from '@ambit/protocol';
import { type Approval, connectOperator, enrol, newKey, type Role } from '@ambit/sdk/operator';
import type { Bot, House, Player } from '../house.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';
import { refund, until } from './witness.ts';

/** An agent at work on a task of the story. */
export type Working = { readonly task: TaskId; readonly agent: RawAgent; readonly token: string };
/** A refund that waits for a person. */
export type Waiting = Working & { readonly question: Approval; readonly location: string };

export async function atWork(
  house: House,
  options: Parameters<House['openTask']>[0] = {},
  bot: Bot = house.refundBot,
): Promise<Working> {
  const task = await house.openTask({ agent: bot.id, ...options });
  const agent = await rawAgent(house, bot);
  return { task, agent, token: await agent.accept(task) };
}

/** Asks for a refund above the line, and finds the question as Bob sees it. */
export async function asked(house: House, working: Working, amount = '80.00'): Promise<Waiting> {
  const response = await refund(working.agent, working.token, amount);
  assert.equal(response.status, 202, await response.clone().text());
  const id = response.headers.get('ambit-approval') as ApprovalId;
  const question = await house.bob.operator.approvals.show(id);
  return { ...working, question, location: response.headers.get('location') ?? '' };
}

export const poll = ({ agent, token, location }: Waiting, waitSeconds = 10): Promise<Response> =>
  agent.call(token, 'GET', location, { headers: { prefer: `wait=${waitSeconds}` } });

/** The question once nobody works on it any more. */
export function settled(house: House, { question }: Pick<Waiting, 'question'>): Promise<Approval> {
  return until(`the end of question ${question.id}`, async () => {
    const now = await house.carol.operator.approvals.show(question.id);
    return ['parked', 'approved', 'claimed'].includes(now.state) ? undefined : now;
  });
}

/** One more person of the house. */
export async function joins(house: House, name: string, roles: readonly Role[]): Promise<Player> {
  const { enrolment } = await house.ada.operator.persons.register({ name, roles });
  const key = await newKey();
  const { person } = await enrol({ url: house.plane.people, code: enrolment.code, key });
  return { id: person, key, operator: await connectOperator({ url: house.plane.people, person, key }) };
}

/** From here on two approvers have to agree: between the first yes and the second is where the world can change. */
export async function twoMustAgree(house: House): Promise<void> {
  await house.ada.operator.approvals.setRule({
    action: 'shop:refunds.create',
    role: 'approver',
    answersNeeded: 2,
    notRequester: true,
    notOwner: false,
    ttlSeconds: 600,
  });
}
