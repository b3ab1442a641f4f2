/** A kernel: files whose every line carries a law, and the tests that hold them. Patterns are those of `fs.glob`. */
export type Kernel = {
  readonly name: string;
  readonly what: string;
  readonly files: readonly string[];
  readonly tests: readonly string[];
};

export const kernels: readonly Kernel[] = [
  {
    name: 'authority',
    what: 'what an authority covers, and when one is narrower than another',
    files: ['protocol/src/authority/!(authority|*.test).ts', 'server/src/authority/!(index|*.test|*.testing).ts'],
    tests: ['protocol/src/authority/*.test.ts', 'server/src/authority/*.test.ts'],
  },
  {
    name: 'decision',
    what: 'permit, ask or deny',
    files: ['server/src/policy/decide.ts'],
    tests: ['server/src/policy/decide.test.ts'],
  },
  {
    name: 'rules',
    what: 'the compiled policy: what Cedar text means',
    files: [
      ...[
        'compile',
        'compile-conditions',
        'compile-expression',
        'compile-scope',
        'evaluate',
        'entities',
        'like',
        'long',
        'conjunct',
        'reads',
        'rule-tree',
        'standing',
      ].map((name) => `server/src/policy/cedar/${name}.ts`),
      'server/src/policy/cedar/value.ts',
      'server/src/policy/cedar/extensions/!(*.test).ts',
    ],
    tests: [
      'server/src/policy/cedar/{compile,conjunct,corpus,errors,like,load,long,meaning,rules,standing,value}.test.ts',
      'server/src/policy/cedar/extensions/*.test.ts',
    ],
  },
  {
    name: 'proofs',
    what: 'tokens, proofs of possession, assertions and signatures over documents',
    files: [
      'protocol/src/signature.ts',
      'server/src/tokens/{authenticated-caller,verify,verify-token}.ts',
      'server/src/identity/{assertion,der-signature,jws,key,proof,signature}.ts',
    ],
    tests: [
      'server/src/tokens/{verify,verify-token}.test.ts',
      'server/src/identity/{assertion,der-signature,jws,key,proof,signature}.test.ts',
    ],
  },
  {
    name: 'merkle',
    what: 'the tree of the log, its proofs, and signed checkpoints',
    files: ['protocol/src/{log-proof,note}.ts', 'server/src/foundation/database/edge.ts'],
    tests: ['protocol/src/{log-proof,note}.test.ts', 'server/src/foundation/database/edge.test.ts'],
  },
];
