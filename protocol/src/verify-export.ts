import { equalBytes, fromBase64, type Sha256, toBase64, utf8 } from './bytes.ts';
import { checkSigned, type SignatureVerify, type SignedCheck } from './check-signed.ts';
import { detailHash } from './digest.ts';
import type { EntryHeader, RowChange } from './entry.ts';
import { type CounterCheck, type CounterHeld, checkCounters } from './explain-counters.ts';
import type { EntryId, TenantId } from './ids.ts';
import { canonicalJson, JsonFault, parseKept } from './json.ts';
import { append, type CompactRange, emptyRange, leafHash, rootOf } from './log-proof.ts';
import {
  type Checkpoint,
  type Ed25519Verify,
  NoteFault,
  openCheckpoint,
  parseVerifierKey,
  type VerifierKey,
} from './note.ts';

/**
 * An export of the log is JSON lines in this order: one `log`, then `row`s and `counter`s, then `checkpoint`s, then the tree from its
 * first entry to its last: whole entries of the tenant, and for entries of others nothing but their hashes.
 */
export type ExportLine =
  | {
      readonly type: 'log';
      readonly v: 1;
      readonly tenant: TenantId;
      /** Verifier key of the log (C2SP signed-note). A careful reader has it from elsewhere. */
      readonly key: string;
      /** Entries in the log before the first row was read, by the exporter's word; null where the export has no rows. */
      readonly rowsSince: number | null;
    }
  | { readonly type: 'row'; readonly table: string; readonly key: string; readonly hash: string }
  | ({ readonly type: 'counter' } & CounterHeld)
  /** The newest comes last and is that of the whole export. */
  | { readonly type: 'checkpoint'; readonly note: string }
  | {
      readonly type: 'entry';
      readonly index: number;
      readonly leaf: string;
      readonly header: EntryHeader;
      readonly detail: ExportedDetail;
    }
  | { readonly type: 'leaves'; readonly from: number; readonly hashes: readonly string[] };

/** `withheld`: not asked for. `deleted`: for retention. `unreadable`: its box does not open, or not to what was sealed. */
export type ExportedDetail =
  | { readonly salt: string; readonly detail: unknown }
  | 'withheld'
  | 'deleted'
  | 'unreadable';

export type FindingKind =
  | 'malformed'
  | 'entry-changed'
  | 'detail-changed'
  | 'root-mismatch'
  | 'fork'
  | 'cut-tail'
  | 'bad-checkpoint'
  | 'row-edited'
  | 'row-unexplained'
  | 'row-missing'
  | 'counter-edited'
  | 'signature-broken';

export type Finding = { readonly what: FindingKind; readonly says: string; readonly entry?: EntryId };

export type Verdict = {
  /** No finding. Whether that means much depends on `anchoredAt` and `keyGiven`. */
  readonly ok: boolean;
  /** One sentence for a person. */
  readonly says: string;
  readonly tenant: TenantId | null;
  readonly size: number;
  readonly root: string;
  readonly entries: number;
  readonly details: { readonly checked: number; readonly withheld: number; readonly deleted: number };
  readonly checkpoints: number;
  /** Rows compared with the entries that explain them; null where the export has none. */
  readonly rows: number | null;
  /** Counters compared with what the log's permits reserved; null where the export has no rows, or lacks details. */
  readonly counters: number | null;
  /** Signatures of people that were checked; null where nobody handed in how. */
  readonly signatures: number | null;
  /** The largest size at which a checkpoint kept elsewhere agrees; null without one. */
  readonly anchoredAt: number | null;
  /**
   * How many entries a checkpoint kept elsewhere knows, where that it knows more than this export has is all there is
   * to say against it: an older export, or a cut tail. Otherwise null. Not ok, and not a contradiction.
   */
  readonly olderThan: number | null;
  /** False where the export itself said which key to believe. */
  readonly keyGiven: boolean;
  readonly findings: readonly Finding[];
};

export type VerifyOptions = {
  readonly sha256: Sha256;
  readonly verify: Ed25519Verify;
  /** Checks signatures of people; without it they are left alone, and the verdict says so. */
  readonly verifySignature?: SignatureVerify;
  /** The log's verifier key, had from elsewhere. */
  readonly key?: string;
  /** Signed checkpoints of this log that were kept elsewhere. */
  readonly anchors?: readonly string[];
};

const findingsMax = 1000;

/** Checks an export offline. What it finds is in the verdict; it throws only where reading the lines throws. */
export async function verifyExport(
  lines: AsyncIterable<string> | Iterable<string>,
  options: VerifyOptions,
): Promise<Verdict> {
  const check = startCheck(options);
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() !== '') takeLine(check, line, number);
    // What follows a line that cannot be read has nothing to be held against.
    if (isBroken(check)) break;
  }
  return conclude(check);
}

type Claim = { readonly root: Uint8Array; readonly kept: 'in the export' | 'elsewhere' };
type Explained = { before: string | null | undefined; readonly since: (string | null)[] };

type Check = {
  readonly options: VerifyOptions;
  readonly findings: Finding[];
  key: VerifierKey | undefined;
  log: Extract<ExportLine, { type: 'log' }> | undefined;
  range: CompactRange;
  inTree: boolean;
  entries: number;
  checkpoints: number;
  /** Size of the newest checkpoint in the export. */
  wholeSize: number | undefined;
  anchoredAt: number | null;
  readonly details: { checked: number; withheld: number; deleted: number };
  readonly claims: Map<number, Claim[]>;
  /** What was kept elsewhere and is signed: it stands in the export too, byte for byte, and is checked once. */
  readonly anchored: Map<string, Checkpoint>;
  readonly rows: Map<string, string>;
  readonly explained: Map<string, Explained>;
  readonly counters: CounterCheck;
  readonly signed: SignedCheck | null;
};

function startCheck(options: VerifyOptions): Check {
  return {
    options,
    findings: [],
    key: undefined,
    log: undefined,
    range: emptyRange,
    inTree: false,
    entries: 0,
    checkpoints: 0,
    wholeSize: undefined,
    anchoredAt: null,
    details: { checked: 0, withheld: 0, deleted: 0 },
    claims: new Map(),
    anchored: new Map(),
    rows: new Map(),
    explained: new Map(),
    counters: checkCounters(),
    signed: options.verifySignature === undefined ? null : checkSigned(options.sha256, options.verifySignature),
  };
}

function find(check: Check, what: FindingKind, says: string, entry?: EntryId): void {
  if (check.findings.length < findingsMax)
    check.findings.push(entry === undefined ? { what, says } : { what, says, entry });
}

const isBroken = ({ findings }: Check) => findings.at(-1)?.what === 'malformed';

function takeLine(check: Check, text: string, number: number) {
  const line = parseLine(text);
  if (line === undefined) return find(check, 'malformed', `Line ${number} is not a line of an export.`);
  if ((check.log === undefined) !== (line.type === 'log')) {
    return find(check, 'malformed', `Line ${number}: an export begins with its one line of type log.`);
  }
  const treeLine = line.type === 'entry' || line.type === 'leaves';
  if (check.inTree && !treeLine) return find(check, 'malformed', `Line ${number} comes after entries.`);
  if (treeLine && !check.inTree) beginTree(check);
  if (line.type === 'log') return takeLog(check, line);
  if (line.type === 'row') return takeRow(check, line);
  if (line.type === 'counter') return check.counters.held(line);
  if (line.type === 'checkpoint') return takeCheckpoint(check, line.note, 'in the export');
  if (line.type === 'leaves') return takeLeaves(check, line);
  takeEntry(check, line);
}

function parseLine(text: string): ExportLine | undefined {
  let line: unknown;
  try {
    line = parseKept(text);
  } catch {
    return undefined;
  }
  return isLine(line) ? line : undefined;
}

// The members of each type of line, by what JavaScript calls their type.
const lineMembers: Record<ExportLine['type'], Record<string, (value: unknown) => boolean>> = {
  log: {
    v: (value) => value === 1,
    tenant: isText,
    key: isText,
    rowsSince: (value) => value === null || isCount(value),
  },
  row: { table: isText, key: isText, hash: isText },
  counter: { counter: isText, window: isCount, used: isText },
  checkpoint: { note: isText },
  entry: { index: isCount, leaf: isText, header: isHeader, detail: isDetail },
  leaves: { from: isCount, hashes: (value) => Array.isArray(value) && value.every(isText) },
};

function isLine(line: unknown): line is ExportLine {
  if (!isObject(line) || typeof line.type !== 'string' || !Object.hasOwn(lineMembers, line.type)) return false;
  return Object.entries(lineMembers[line.type as ExportLine['type']]).every(([name, fits]) => fits(line[name]));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDetail(value: unknown): value is ExportedDetail {
  if (isObject(value)) return isText(value.salt) && 'detail' in value;
  return value === 'withheld' || value === 'deleted' || value === 'unreadable';
}

function isHeader(value: unknown): value is EntryHeader {
  if (!isObject(value) || !isText(value.id) || !isText(value.tenant) || !isText(value.detailHash)) return false;
  return Array.isArray(value.changes) && value.changes.every(isChange);
}

function isChange(value: unknown): value is RowChange {
  if (!isObject(value) || !isText(value.table) || !isText(value.key)) return false;
  return value.hash === null || isText(value.hash);
}

function takeRow(check: Check, line: Extract<ExportLine, { type: 'row' }>) {
  const name = rowName(line);
  // Of two, one reader would believe the first and another the last.
  if (check.rows.has(name)) return find(check, 'malformed', `The row ${name} stands twice.`);
  check.rows.set(name, line.hash);
}

function takeLog(check: Check, line: Extract<ExportLine, { type: 'log' }>) {
  check.log = line;
  const { key: given, sha256, anchors = [] } = check.options;
  try {
    check.key = parseVerifierKey(given ?? line.key, sha256);
  } catch (error) {
    return find(check, 'malformed', `The verifier key cannot be used: ${messageOf(error)}`);
  }
  if (given !== undefined && given !== line.key) {
    find(check, 'bad-checkpoint', `The export names another key than the one given: ${line.key}.`);
  }
  for (const anchor of anchors) takeCheckpoint(check, anchor, 'elsewhere');
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function takeCheckpoint(check: Check, note: string, kept: Claim['kept']): void {
  const checkpoint = check.key && openedCheckpoint(check, check.key, note, kept);
  if (checkpoint === undefined) return;
  const { size, root } = checkpoint;
  if (kept === 'in the export') {
    check.checkpoints++;
    check.wholeSize = Math.max(check.wholeSize ?? 0, size);
  }
  const claims = check.claims.get(size) ?? [];
  const other = claims.find((claim) => !equalBytes(claim.root, root));
  if (other !== undefined) {
    find(
      check,
      'fork',
      `Two signed checkpoints of ${size} entries have different roots, ${toBase64(other.root)} (kept ${other.kept}) and ` +
        `${toBase64(root)} (kept ${kept}): proof that the log was forked or rewritten.`,
    );
  }
  check.claims.set(size, [...claims, { root, kept }]);
}

function openedCheckpoint(check: Check, key: VerifierKey, note: string, kept: Claim['kept']): Checkpoint | undefined {
  const known = check.anchored.get(note);
  if (known !== undefined) return known;
  try {
    const opened = openCheckpoint(note, key, check.options.verify);
    if (kept === 'elsewhere') check.anchored.set(note, opened);
    return opened;
  } catch (error) {
    if (!(error instanceof NoteFault)) throw error;
    find(check, 'bad-checkpoint', `A checkpoint kept ${kept} is not this log's: ${error.message}`);
    return undefined;
  }
}

function beginTree(check: Check): void {
  check.inTree = true;
  compareClaims(check);
}

/** Every checkpoint of the present size must have the root that the entries up to here have. */
function compareClaims(check: Check): void {
  const claims = check.claims.get(check.range.size);
  if (claims === undefined) return;
  const { size } = check.range;
  const root = rootOf(check.range, check.options.sha256);
  // Checkpoints that contradict each other were said to be a fork when they were read.
  if (claims.some((claim) => !equalBytes(claim.root, claims[0]!.root))) return;
  for (const claim of claims) {
    if (!equalBytes(claim.root, root)) {
      const what = claim.kept === 'elsewhere' ? 'fork' : 'root-mismatch';
      const proof = what === 'fork' ? ': proof that the log was forked or rewritten since' : '';
      find(
        check,
        what,
        `The signed checkpoint of ${size} entries kept ${claim.kept} has the root ${toBase64(claim.root)}, the first ${size} ` +
          `entries here have ${toBase64(root)}: one of them was changed, dropped or moved${proof}.`,
      );
    } else if (claim.kept === 'elsewhere') {
      check.anchoredAt = Math.max(check.anchoredAt ?? 0, size);
    }
  }
}

function takeLeaves(check: Check, line: Extract<ExportLine, { type: 'leaves' }>): void {
  for (const [i, hash] of line.hashes.entries()) {
    takeLeaf(check, line.from + i, hash);
    if (isBroken(check)) return;
  }
}

function takeLeaf(check: Check, index: number, base64: string) {
  const leaf = fromBase64(base64);
  if (leaf?.length !== 32) return find(check, 'malformed', `Entry ${index}: its hash is not 32 bytes of base64.`);
  if (index !== check.range.size) {
    return find(check, 'malformed', `Entry ${index} stands where entry ${check.range.size} is expected.`);
  }
  check.range = append(check.range, leaf, check.options.sha256);
  compareClaims(check);
}

function takeEntry(check: Check, { index, leaf, header, detail }: Extract<ExportLine, { type: 'entry' }>): void {
  const { sha256 } = check.options;
  if (leafOf(header, sha256) !== leaf) {
    find(check, 'entry-changed', `Entry ${index} (${header.id}) is not what was logged: its hash differs.`, header.id);
  }
  const isGiven = takeDetail(check, index, header, detail);
  for (const change of header.changes) explain(check, index, change);
  if (header.tenant === check.log?.tenant) {
    check.entries++;
    const given = isGiven && isObject(detail) ? detail.detail : undefined;
    check.counters.entry(header, given, index >= (check.log?.rowsSince ?? 0));
    const because = check.signed?.entry(header, given) ?? null;
    if (because !== null) {
      const says = `Entry ${index} (${header.id}) tells of a signature that does not hold: ${because}`;
      find(check, 'signature-broken', says, header.id);
    }
  }
  takeLeaf(check, index, leaf);
}

function leafOf(header: EntryHeader, sha256: Sha256): string | undefined {
  const text = canonicalOf(header);
  return text === undefined ? undefined : toBase64(leafHash(utf8(text), sha256));
}

/** Undefined where the value cannot have been logged: half of a surrogate pair, or nested beyond any entry. */
function canonicalOf(value: unknown): string | undefined {
  try {
    return canonicalJson(value);
  } catch (error) {
    if (error instanceof JsonFault) return undefined;
    throw error;
  }
}

function detailMatches(
  { salt, detail }: { readonly salt: string; readonly detail: unknown },
  hash: string,
  sha256: Sha256,
) {
  const text = canonicalOf(detail);
  return text !== undefined && detailHash(salt, text, sha256) === hash;
}

/** Answers whether the detail is there, and is what was sealed. */
function takeDetail(check: Check, index: number, header: EntryHeader, detail: ExportedDetail): boolean {
  if (detail === 'withheld' || detail === 'deleted') {
    check.details[detail]++;
    return false;
  }
  if (detail === 'unreadable' || !detailMatches(detail, header.detailHash, check.options.sha256)) {
    find(check, 'detail-changed', `The detail of entry ${index} (${header.id}) is not what was sealed.`, header.id);
    return false;
  }
  check.details.checked++;
  return true;
}

const rowName = ({ table, key }: { readonly table: string; readonly key: string }) => `${table} ${key}`;

function explain(check: Check, index: number, change: RowChange): void {
  if (!change.key.startsWith(`${check.log?.tenant}|`)) return;
  const name = rowName(change);
  const known = check.explained.get(name) ?? { before: undefined, since: [] };
  if (index < (check.log?.rowsSince ?? 0)) known.before = change.hash;
  else known.since.push(change.hash);
  check.explained.set(name, known);
}

/**
 * INVARIANT (state agrees with the log): each row is what the newest entry about it made it. Rows are read while others
 * write, so a row may also be what an entry that came during the reading made it.
 */
function compareRows(check: Check): void {
  for (const [name, hash] of check.rows) {
    const known = check.explained.get(name);
    if (known === undefined)
      find(check, 'row-unexplained', `No entry explains the row ${name}: it was not written by Ambit.`);
    else if (known.before !== hash && !known.since.includes(hash)) {
      find(check, 'row-edited', `The row ${name} is not what its last entry made it: it was changed outside Ambit.`);
    }
  }
  for (const [name, { before, since }] of check.explained) {
    if (check.rows.has(name) || since.includes(null) || (before ?? null) === null) continue;
    find(check, 'row-missing', `The row ${name} is gone, and no entry removed it.`);
  }
}

function conclude(check: Check): Verdict {
  const unread = isBroken(check);
  if (!unread) requireWhole(check);
  const size = check.range.size;
  const rowsGiven = check.log !== undefined && check.log.rowsSince !== null;
  // Of a file that was cut, the entries that explain its rows may be what is missing.
  const isComparable = rowsGiven && !unread && !isCutOff(check);
  if (isComparable) compareRows(check);
  const counters = isComparable ? check.counters.findings() : null;
  for (const says of counters ?? []) find(check, 'counter-edited', says);
  const anchored = largestClaim(check, 'elsewhere');
  const isOlder = !unread && !isCutOff(check) && anchored > size;
  const olderThan = isOlder && check.findings.length === 0 ? anchored : null;
  if (isOlder) find(check, 'cut-tail', anchorKnowsMore(anchored, size));
  return {
    ok: check.findings.length === 0,
    says: sentence(check, olderThan),
    tenant: check.log?.tenant ?? null,
    size,
    root: toBase64(rootOf(check.range, check.options.sha256)),
    entries: check.entries,
    details: check.details,
    checkpoints: check.checkpoints,
    rows: rowsGiven ? check.rows.size : null,
    counters: counters === null ? null : check.counters.size(),
    signatures: check.signed?.size() ?? null,
    anchoredAt: check.anchoredAt,
    olderThan,
    keyGiven: check.options.key !== undefined,
    findings: check.findings,
  };
}

/** From its first line to the entry that its newest checkpoint says is its last. */
function requireWhole(check: Check) {
  if (!check.inTree) beginTree(check);
  const { size } = check.range;
  const { log, wholeSize } = check;
  if (log === undefined) return find(check, 'malformed', 'The export is empty.');
  if (wholeSize === undefined) {
    return find(check, 'cut-tail', 'The export has no signed checkpoint: nothing says where it ends.');
  }
  if (isCutOff(check)) {
    const says = `The export says that it has ${wholeSize} entries, there are ${size} here: its last lines are missing.`;
    find(check, 'cut-tail', says);
  }
  if (wholeSize < size) {
    find(check, 'malformed', `The newest checkpoint of the export covers ${wholeSize} of its ${size} entries.`);
  }
}

const isCutOff = ({ wholeSize = 0, range }: Check) => wholeSize > range.size;

const largestClaim = ({ claims }: Check, kept: Claim['kept']): number =>
  Math.max(0, ...[...claims].filter(([, those]) => those.some((one) => one.kept === kept)).map(([size]) => size));

const anchorKnowsMore = (anchored: number, size: number) =>
  `The anchor knows ${anchored} entries, this export has ${size}: the export is older than the anchor, or its tail was cut. ` +
  'Export again.';

function sentence(check: Check, olderThan: number | null): string {
  const size = check.range.size;
  const count = check.findings.length;
  if (olderThan !== null) {
    const agreed = check.anchoredAt === null ? '' : ` The anchor agrees with the first ${check.anchoredAt} of them.`;
    return `Consistent up to its ${size} entries.${agreed} ${anchorKnowsMore(olderThan, size)}`;
  }
  if (count > 0)
    return `NOT consistent: ${count} ${count === 1 ? 'finding' : 'findings'} in ${size} entries. ${check.findings[0]?.says}`;
  if (check.anchoredAt === null) {
    return `Consistent, not anchored: ${size} entries fit their signed checkpoints, but no checkpoint kept elsewhere says that this is the only history.`;
  }
  return `Consistent and anchored: a checkpoint kept elsewhere agrees with the first ${check.anchoredAt} of ${size} entries.`;
}
