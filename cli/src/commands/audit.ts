import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat, unlink } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { type EntryProof, type EntryVerdict, entryProofShape, parse, ShapeFault, type Verdict } from '@ambit/protocol';
import { answer, type Command, command } from '../command.ts';
import { CliFault } from '../exit.ts';
import { codeOf, readJson, readText } from '../files.ts';
import { duration, file, idOf, many, may, maybe, oneOf, whether, words } from '../kinds.ts';
import { type Line, line, paint, quoteLines, sentence, table } from '../line.ts';
import { nothing } from '../program.ts';
import { countOf } from '../show/count.ts';
import { showTime } from '../show/times.ts';
import { verifyLines, verifyProof } from '../verify.ts';
import { type World, write } from '../world.ts';

export const auditCommands: readonly Command[] = [
  command({
    name: 'audit verify',
    says: 'Verifies the log: an export, without asking anybody, or this Ambit’s log as it is now. Exit code 1 where it fails.',
    example: 'ambit audit verify log.jsonl --anchor kept-elsewhere.note',
    args: { file: maybe(file) },
    flags: {
      anchor: many(file, 'checkpoints that were kept elsewhere: a signed note, or the second place of the log'),
      logKey: may(words, 'the log’s verifier key, had from elsewhere'),
    },
    async run({ world, operator, args, flags }) {
      const anchors = await anchorsOf(world, flags.anchor);
      const given = { ...(flags.logKey !== undefined && { key: flags.logKey }), anchors };
      const lines =
        args.file === undefined ? await (await operator()).log.export(everything) : await linesOf(world, args.file);
      const verdict = await verifyLines(lines, given);
      return { value: verdict, lines: showVerdict(verdict), exit: verdict.ok ? 'ok' : 'refused' };
    },
  }),
  command({
    name: 'audit export',
    says: 'Exports the log as JSON lines that anyone can verify: your entries whole, of others only hashes.',
    example: 'ambit audit export --rows > log.jsonl',
    flags: {
      details: whether('with the details of the entries'),
      rows: whether('with the rows that entries must explain'),
      out: may(file, 'write to this new file instead of standard output'),
    },
    async run({ world, operator, flags: { details, rows, out }, isJson }) {
      if (isJson && out === undefined) {
        const sentence = 'An export is many JSON values, one on each line.';
        throw new CliFault('usage', sentence, 'Name a file with --out, or leave --json away');
      }
      const lines = await (await operator()).log.export({ details, rows });
      if (out === undefined) {
        for await (const one of lines) await write(world.stdout, `${one}\n`);
        return { written: true };
      }
      const count = await writeLines(out, lines);
      return answer({ file: out, lines: count }, line`${count} lines are in ${out}. Next: ambit audit verify ${out}`);
    },
  }),
  command({
    name: 'audit stats',
    says: 'Counts how calls were decided, by kind of caller, so that agents and people’s own clients can be compared.',
    example: 'ambit audit stats --by kind --last 30d',
    flags: {
      by: may(oneOf('kind', 'agent', 'action'), 'what is counted apart: kind unless given'),
      last: may(duration, 'how far back; 1d unless given'),
    },
    async run({ world, operator, flags: { by, last } }) {
      const since = last === undefined ? {} : { since: Math.max(0, world.clock() - last * 1000) };
      const stats = await (await operator()).log.stats({ ...(by !== undefined && { by }), ...since });
      const rows = stats.rows.map(({ name, permit, ask, deny }) => [name, permit + ask + deny, permit, ask, deny]);
      return answer(
        stats,
        line`${stats.decisions} decisions from ${showTime(stats.since)} to ${showTime(stats.until)}`,
        ...(rows.length === 0 ? [nothing] : table([stats.by, 'calls', 'permit', 'ask', 'deny'], rows)),
      );
    },
  }),
  command({
    name: 'audit checkpoint',
    says: 'Prints the newest signed checkpoint. Kept elsewhere, it holds Ambit to everything before it.',
    example: 'ambit audit checkpoint > /mnt/elsewhere/$(date +%s).note',
    async run({ operator }) {
      const checkpoint = await (await operator()).log.checkpoint();
      const note = checkpoint.checkpoint.replace(/\n$/, '').split('\n');
      return answer(checkpoint, ...note.map((one) => line`${one}`));
    },
  }),
  command({
    name: 'audit entry',
    says: 'Shows one entry with its detail and its receipt.',
    example: 'ambit audit entry ent_0123456789abcdefghjk',
    args: { entry: idOf('entry') },
    async run({ operator, args }) {
      const shown = await (await operator()).log.entry(args.entry);
      const { header } = shown;
      return answer(
        shown,
        line`${header.id}, ${header.kind}, ${showTime(header.at)}`,
        line`by ${header.who.initiator} through ${header.who.channel}, proved by ${header.who.proof}`,
        line`asked by ${header.who.requester ?? 'nobody'}, agent ${header.who.agent ?? 'none'}, task ${header.task ?? 'none'}`,
        line`decided ${header.decision ?? 'nothing'}, code ${header.code ?? 'none'}`,
        ...(shown.denied === null ? [] : [line`${sentence(shown.denied.sentence)} ${sentence(shown.denied.next)}`]),
        ...quoteLines(JSON.stringify(shown.detail, null, 2)),
      );
    },
  }),
  command({
    name: 'audit verify-entry',
    says: 'Verifies one entry with its proof, as the console saves it, without asking anybody. Exit code 1 where it fails.',
    example: 'ambit audit verify-entry ent_0123456789abcdefghjk.json --anchor kept-elsewhere.note',
    args: { file },
    flags: {
      anchor: many(file, 'checkpoints that were kept elsewhere: a signed note, or the second place of the log'),
      logKey: may(words, 'the log’s verifier key, had from elsewhere'),
    },
    async run({ world, args, flags }) {
      const proof = proofIn(await readJson(world, args.file), args.file);
      const anchors = await anchorsOf(world, flags.anchor);
      const verdict = verifyProof(proof, { ...(flags.logKey !== undefined && { key: flags.logKey }), anchors });
      return { value: verdict, lines: showEntryVerdict(verdict), exit: verdict.ok ? 'ok' : 'refused' };
    },
  }),
];

function proofIn(value: unknown, path: string): EntryProof {
  try {
    return parse(entryProofShape, value);
  } catch (error) {
    if (!(error instanceof ShapeFault)) throw error;
    const sentence = `${path} is no entry with its proof: ${error.message}`;
    throw new CliFault('usage', sentence, 'Save one in the console, on the page of the entry', { cause: error });
  }
}

const keyWords: Readonly<Record<EntryVerdict['keyFrom'], string>> = {
  given: 'the one you gave',
  anchor: 'the one that signed the checkpoint you kept',
  file: 'the one that the file itself names: give --log-key or --anchor, had from elsewhere',
};

function showEntryVerdict({
  ok,
  entry,
  index,
  size,
  detail,
  keyFrom,
  isAnchored,
  findings,
  says,
}: EntryVerdict): readonly Line[] {
  const isIn = ok ? paint('green', line`✓ in the log`) : paint('red', line`✗ not proved`);
  return [
    line`${isIn}   ${entry}, entry ${index}${size === null ? '' : ` of ${size}`}`,
    line`detail   ${detail === 'whole' ? 'what the entry was written with' : 'not in this file, or deleted'}`,
    line`anchor   ${isAnchored ? 'a checkpoint kept elsewhere has the same root' : 'no checkpoint of this size, kept elsewhere, was given'}`,
    line`key      ${keyWords[keyFrom]}`,
    ...findings.map((found) => line`${paint('red', line`✗`)} ${found.what}: ${found.says}`),
    line`${says}`,
  ];
}

const everything = { details: true, rows: true };

async function linesOf({ stdin }: World, path: string): Promise<AsyncIterable<string>> {
  if (path === '-') return createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    if ((await stat(path)).isFile()) return createInterface({ input: createReadStream(path) });
  } catch (error) {
    throw new CliFault('usage', `${path} cannot be read (${codeOf(error)}).`, 'Check the path', { cause: error });
  }
  throw new CliFault('usage', `${path} is not a file.`, 'Name an export: ambit audit export > log.jsonl');
}

async function anchorsOf(world: World, paths: readonly string[]): Promise<readonly string[]> {
  const texts = await Promise.all(paths.map(async (path) => [path, await readText(world, path)] as const));
  return texts.flatMap(([path, text]) => notesIn(text, path));
}

/** Either one signed note, or JSON lines each with one: what the plane's second place holds. */
function notesIn(text: string, path: string): readonly string[] {
  if (!text.startsWith('{')) return [text];
  return text.split('\n').flatMap((one, i) => (one.trim() === '' ? [] : [noteOf(one, `Line ${i + 1} of ${path}`)]));
}

function noteOf(text: string, where: string): string {
  const said = new CliFault(
    'usage',
    `${where} is no checkpoint.`,
    'Name a file with signed notes, or remove that line',
  );
  try {
    const { checkpoint } = JSON.parse(text) as { readonly checkpoint?: unknown };
    if (typeof checkpoint === 'string') return checkpoint;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw said;
}

/** Into a new file. Half of an export would look like a log that was cut, so none is left behind. */
async function writeLines(path: string, lines: AsyncIterable<string>): Promise<number> {
  const handle = await newFile(path);
  let count = 0;
  async function* counted() {
    for await (const one of lines) {
      count++;
      yield `${one}\n`;
    }
  }
  try {
    await pipeline(counted, handle.createWriteStream());
    return count;
  } catch (error) {
    await unlink(path);
    throw error;
  }
}

async function newFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    const because = codeOf(error) === 'EEXIST' ? 'exists already' : `cannot be written (${codeOf(error)})`;
    throw new CliFault('usage', `${path} ${because}.`, 'Name a new file', { cause: error });
  }
}

function consistency({ ok, olderThan }: Verdict): Line {
  if (ok) return paint('green', line`✓ consistent`);
  return olderThan === null
    ? paint('red', line`✗ NOT consistent`)
    : paint('yellow', line`? older than the checkpoint you kept`);
}

export function showVerdict(verdict: Verdict): readonly Line[] {
  const { says, size, entries, details, checkpoints, rows, counters, signatures, anchoredAt, keyGiven, findings } =
    verdict;
  const isConsistent = consistency(verdict);
  const isAnchored = anchoredAt === null ? paint('yellow', line`? not anchored`) : paint('green', line`✓ anchored`);
  return [
    line`${isConsistent}   ${size} entries, ${entries} of them yours${entries < size ? ' (of the rest it has hashes, which are enough)' : ''}, ${countOf(checkpoints, 'signed checkpoint')}`,
    line`${isAnchored}   ${anchoredAt === null ? 'no checkpoint kept elsewhere was given' : `a checkpoint kept elsewhere agrees with the first ${anchoredAt}${anchoredAt < size ? '; the rest awaits the next one' : ''}`}`,
    line`details  ${details.checked} checked, ${details.withheld} withheld, ${details.deleted} deleted`,
    line`rows     ${rows === null ? 'none in this export' : `${rows} compared with the entries that explain them`}`,
    line`signed   ${signatures === null ? 'not checked' : `${countOf(signatures, 'signature')} of people checked`}`,
    line`budgets  ${counters === null ? 'not compared: they need rows and details' : `${countOf(counters, 'counter')} compared with the permits that explain them`}`,
    line`key      ${keyGiven ? 'the one you gave' : 'the one that the export itself names: give --log-key, had from elsewhere (whoever runs Ambit names it: ambit audit checkpoint --json)'}`,
    ...findings.map((found) => line`${paint('red', line`✗`)} ${found.what}: ${found.says}`),
    line`${says}`,
  ];
}
