import type { Header } from '../foundation/outbound/index.ts';
import type { Loan } from '../vault/index.ts';
import type { EchoGuard } from './echo-guard.ts';
import { headerOf } from './forward-headers.ts';
import type { OutcomeCode } from './forward-outcome.ts';

export type Problem = { readonly code: OutcomeCode; readonly because: string };

/** What makes an answer stay here, read off its head. */
export function answerProblem(
  guard: EchoGuard,
  loan: Loan,
  call: { readonly method: string; readonly answerBytesMax: number },
  status: number,
  headers: readonly Header[],
): Problem | null {
  const echo = echoIn(guard, headers);
  if (echo !== undefined)
    return { code: 'echoed_secret', because: `the lent secret stood in the header ${shortName(guard, echo)}` };
  if (status >= 300 && status < 400 && status !== 304) {
    return { code: 'redirected', because: `the upstream redirects (${status}), which is not followed` };
  }
  const length = Number(headerOf(headers, 'content-length') ?? 0);
  if (length > call.answerBytesMax && call.method !== 'HEAD') {
    return {
      code: 'answer_too_large',
      because: `the answer says it has ${length} bytes, more than ${call.answerBytesMax}`,
    };
  }
  return loan.credential === null ? null : unsearchable(status, headers);
}

/** An answer in which a secret could not be found: compressed, or in parts that were not asked for. */
function unsearchable(status: number, headers: readonly Header[]): Problem | null {
  const coding = headers.filter(([name]) => name.toLowerCase() === 'content-encoding').map(([, value]) => value.trim());
  if (coding.some((each) => each !== '' && each.toLowerCase() !== 'identity')) {
    return {
      code: 'encoded',
      because: `the upstream answered in ${coding.join(', ')} although only identity was accepted`,
    };
  }
  const ranges = /^\s*multipart\/byteranges/i.test(headerOf(headers, 'content-type') ?? '');
  if (status !== 206 && !ranges && headerOf(headers, 'content-range') === null) return null;
  return { code: 'partial', because: 'the upstream answered with a part of the content, which was not asked for' };
}

/** Looked for in all of them at once first: nearly every answer has none. */
function echoIn(guard: EchoGuard, headers: readonly Header[]): Header | undefined {
  const whole = headers.map(([name, value]) => `${name}: ${value}`).join('\n');
  return guard.inText(whole) ? headers.find(([name, value]) => guard.inText(`${name}: ${value}`)) : undefined;
}

// The name of a header is the upstream's text too: it may be the very place of the secret.
const shortName = (guard: EchoGuard, [name]: Header) => (guard.inText(name) ? 'whose name it is' : name.slice(0, 64));
