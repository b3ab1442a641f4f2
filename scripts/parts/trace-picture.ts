const columns = 116;
const size = { font: 12.5, column: 7.53, line: 18, margin: 24 };
const colours = {
  page: '#10141b',
  text: '#c9d1d9',
  dim: '#7d8794',
  bold: '#f0f3f6',
  permit: '#57c27b',
  ask: '#e3b341',
  deny: '#f2777a',
} as const;
type Colour = keyof typeof colours;

/** What `ambit run show` printed, as a picture: the calls and what ended, without the lines of ids and the plane's own reads. */
export function traceToSvg(trace: string): string {
  const lines = picked(trace).flatMap(wrapped);
  const width = Math.ceil(columns * size.column + 2 * size.margin);
  const height = lines.length * size.line + 2 * size.margin;
  const texts = lines.map((line, i) => drawn(line, size.margin + (i + 0.75) * size.line));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    '<title>One run, as ambit run show tells it</title>',
    `<rect width="${width}" height="${height}" rx="10" fill="${colours.page}"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${size.font}">`,
    ...texts,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

const stepHead = /^\s*\d\d:\d\d:\d\d\.\d{3}Z {2}/;
/** A label and the blanks that fill its column. */
const label =
  /^\s*(?:(?:asked|about|claim|ended|again) {4}|with {5}|answer {3}|(?:because|outcome) {2}|gives {5}|purpose {3})(?=\S)/;
const ids = /^\s*(?:about {4}|again {4}|(?:token|key|entry|lent) (?!.* of (?:tsk|agt)_))/;

/** Steps that are calls of agents, or ends; each with what was asked, decided and done. */
function picked(trace: string): string[] {
  const kept: string[] = [];
  let keeps = true;
  for (const line of trace.trim().split('\n')) {
    if (stepHead.test(line)) {
      keeps =
        !line.includes('by Ambit itself') &&
        (/Z {2}[✓?✗]/.test(line) || /Z {2}· .*(?:completed|ended) the task/.test(line));
    } else if (/^\s*task tsk_|^\s*$|^\S/.test(line)) keeps = true;
    if (keeps && !ids.test(line)) kept.push(line);
  }
  return kept.filter((line, i) => line.trim() !== '' || kept[i - 1]?.trim() !== '');
}

/** Goes on below where the text of a line began. */
function wrapped(line: string): string[] {
  if (line.length <= columns) return [line];
  const hang = ' '.repeat(label.exec(line)?.[0].length ?? /^\s*/.exec(line)?.[0].length ?? 0);
  const space = line.lastIndexOf(' ', columns);
  const at = space > hang.length ? space : columns;
  return [line.slice(0, at), ...wrapped(`${hang}${line.slice(at).trimStart()}`)];
}

function drawn(line: string, y: number): string {
  const spans = coloured(line).map(([text, colour]) => `<tspan fill="${colours[colour]}">${escaped(text)}</tspan>`);
  return `<text x="${size.margin}" y="${y}" xml:space="preserve">${spans.join('')}</text>`;
}

type Part = readonly [text: string, colour: Colour];

function coloured(line: string): Part[] {
  const decision = /^(\s*\S+ {2})([✓?✗] (permit|ask|deny))(.*)$/.exec(line);
  if (decision !== null) {
    const [, time = '', mark = '', word, rest = ''] = decision;
    return [
      [time, 'dim'],
      [mark, word as Colour],
      [rest, 'bold'],
    ];
  }
  if (/^(Run tsk_| *task tsk_\S+ of \S+ \()/.test(line) || /^\s*\S+Z {2}·/.test(line)) return [[line, 'bold']];
  const named = label.exec(line)?.[0];
  if (named === undefined) return [[line, 'text']];
  return [[named, 'dim'], ...marks(line.slice(named.length))];
}

const marks = (text: string): Part[] =>
  text.startsWith('✓ ')
    ? [
        ['✓ ', 'permit'],
        [text.slice(2), 'text'],
      ]
    : [[text, 'text']];

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
