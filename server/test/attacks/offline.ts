import { createPrivateKey, type JsonWebKey, sign } from 'node:crypto';
import { join } from 'node:path';
import { canonicalJson, type TenantId } from '@ambit/protocol';
import type { Approval } from '@ambit/sdk/operator';
import Sqlite from 'better-sqlite3';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { type Answering, answerApproval } from '../../src/approvals/index.ts';
import {
  type Ground,
  loadKeys,
  openSqlite,
  type PersonCaller,
  planeItself,
  randomId,
} from '../../src/foundation/index.ts';
import type { House, Player } from '../house.ts';

/** Mallory has the file of the store: stops the plane, runs SQL on it, and leaves the plane stopped. */
export async function edit(house: House, work: (file: Sqlite.Database) => void): Promise<void> {
  await house.plane.close();
  const file = new Sqlite(join(house.config.dataDirectory, 'ambit.db'));
  try {
    work(file);
  } finally {
    file.close();
  }
}

/** The store while the plane is down, opened with the plane's own keys: what a process was about to do when it died. */
export async function whileDown<T>(house: House, work: (ground: Ground) => Promise<T>): Promise<T> {
  await house.plane.close();
  const { keyFile, dataDirectory: directory } = house.config;
  const detailKey = loadKeys({ file: keyFile, json: null, dataDirectory: directory }).derive('log-detail');
  const database = await openSqlite({ directory, detailKey, clock: Date.now });
  try {
    return await work({ database, clock: Date.now, newId: randomId });
  } finally {
    await database.close();
    await house.restart();
  }
}

/** A yes by that person's own key, written into the store just before the process that took it dies. */
export async function yesOf(ground: Ground, tenant: TenantId, player: Player, question: Approval, runSeconds = 60) {
  const document = {
    type: 'ambit_approval_answer',
    tenant,
    approval: question.id,
    digest: question.digest,
    answer: 'yes',
    reason: null,
    person: player.id,
    at: Date.now(),
  } as const;
  const key = createPrivateKey({ key: player.key as JsonWebKey, format: 'jwk' });
  const value = sign(null, Buffer.from(canonicalJson(document)), key).toString('base64url');
  const kid = await calculateJwkThumbprint(player.key as unknown as JWK);
  const given: Answering = { answer: 'yes', reason: null, at: document.at, signature: { kid, alg: 'EdDSA', value } };
  const who = { ...planeItself, initiator: player.id };
  const caller: PersonCaller = { kind: 'person', tenant, person: player.id, roles: ['approver'], who };
  return answerApproval(ground, caller, question.id, given, runSeconds);
}

export const tenantOf = async (house: House): Promise<TenantId> => (await house.ada.operator.me()).tenant;
