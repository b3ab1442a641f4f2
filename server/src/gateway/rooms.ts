import type { EntryId, TaskId, TenantId } from '@ambit/protocol';
import type { AskLimits, Bell } from '../approvals/index.ts';
import type { CatalogSnapshot, Unmatched } from '../catalog/index.ts';
import type { ElevationLimits } from '../elevations/index.ts';
import type { Live } from '../endings/index.ts';
import type { Ground, Nodes, Placed } from '../foundation/index.ts';
import type { Outbound } from '../foundation/outbound/index.ts';
import type { Watch } from '../limits/index.ts';
import type { Domains, Judgement, PolicySet, Question } from '../policy/index.ts';
import type { OpenLimits } from '../tasks/index.ts';
import type { Vault } from '../vault/index.ts';
import type { TagSigner } from './tags.ts';
import type { Unproved } from './unproved.ts';
import type { Unsettled } from './unsettled.ts';

/** What the story of a call needs of the other rooms, handed in by `main`. */
export type Rooms = {
  readonly ground: Ground;
  /** This node among those of the store: by its name it sends, and only while it stands. */
  readonly nodes: Nodes;
  readonly catalog: (tenant: TenantId) => Promise<CatalogSnapshot>;
  /** Keeps calls that matched nothing, grouped, so that they can become actions. */
  readonly unmatched: Unmatched;
  readonly rules: (tenant: TenantId) => Promise<PolicySet>;
  /** Another evaluator's word, where the settings ask for it; null leaves judging to the compiled rules. */
  readonly judge: ((rules: PolicySet, question: Question) => Promise<Judgement>) | null;
  /** Worlds of a tenant's own, which enforcement points ask about. */
  readonly domains: Domains;
  /** Pace and breakers. */
  readonly watch: Watch;
  readonly vault: Vault;
  readonly outbound: Outbound;
  /** Open calls by task, so that an ending cuts them. */
  readonly live: Live;
  readonly bell: Bell;
  readonly parking: Parking;
  /** Seals where a search goes on. */
  readonly pageSeal: Parking;
  readonly unproved: Unproved;
  readonly unsettled: Unsettled;
  /** The run that a task belongs to; null where the task is not there. */
  readonly runOf: (tenant: TenantId, task: TaskId) => Promise<TaskId | null>;
  /** The receipt of an entry, as it goes with an answer. */
  readonly receipt: (tenant: TenantId, entry: EntryId) => Promise<string>;
  /** The same of an entry whose place is known. */
  readonly receiptOf: (placed: Placed) => string;
  /** Tells the operator of a fault that no caller can be told. */
  readonly complain: (about: string, error: unknown) => void;
  /** Signs what upstreams are told of who calls. */
  readonly tags: TagSigner;
  readonly settings: GatewaySettings;
};

/** Seals a text so that only this plane opens it, and only for what it was sealed for: one approval, one search. */
export type Parking = {
  seal(plain: string, additional: string): string;
  open(box: string, additional: string): string;
};

export type GatewaySettings = {
  /** What bounds the tasks that static keys open, and those by which people take calls back. */
  readonly ownTasks: OpenLimits;
  readonly approvals: AskLimits;
  readonly elevations: ElevationLimits;
  readonly bodyBytesMax: number;
  readonly answerBytesMax: number;
  readonly answerCopyBytesMax: number;
  readonly upstreamMsMax: number;
  readonly bodyDigestRequired: boolean;
  /** How long an agent may hold a connection open for a person's answer. */
  readonly waitMsMax: number;
};
