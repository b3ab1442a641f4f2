import { answer, type Command, command } from '../command.ts';
import { examine } from '../doctor/examine.ts';
import type { Finding } from '../doctor/finding.ts';
import { file, may } from '../kinds.ts';
import { indent, type Line, line, paint } from '../line.ts';

export const doctorCommands: readonly Command[] = [
  command({
    name: 'doctor',
    says: 'Looks at this machine, the plane on it, your key and the log, and says what to do. Exit code 1 where something is wrong.',
    example: 'ambit doctor',
    flags: {
      data: may(file, 'folder of the embedded store (AMBIT_DATA)'),
      keys: may(file, 'file with the plane’s own keys (AMBIT_KEYS)'),
    },
    async run({ world, connection, operator, flags }) {
      const findings = await examine(world, connection, operator, flags);
      const isWell = findings.every(({ state }) => state !== 'bad');
      return { ...answer({ ok: isWell, findings }, ...findings.flatMap(showFinding)), exit: isWell ? 'ok' : 'refused' };
    },
  }),
];

function showFinding({ about, state, says, next }: Finding): readonly Line[] {
  return [line`${marks[state]}  ${about}: ${says}`, ...(next === null ? [] : [indent(4, line`${next}`)])];
}

const marks: Record<Finding['state'], Line> = {
  good: paint('green', line`✓ good`),
  look: paint('yellow', line`? look`),
  bad: paint('red', line`✗ bad `),
  skipped: paint('dim', line`· none`),
};
