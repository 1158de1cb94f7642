// SPDX-License-Identifier: Apache-2.0
import tseslint from 'typescript-eslint';

/** Imports go one way: suites, scenarios -> fixtures, mocks -> harness; reports -> harness (types only). See docs/architecture.md. */
const layers = {
  harness: ['fixtures', 'mocks', 'suites', 'scenarios', 'reports'],
  fixtures: ['suites', 'scenarios', 'reports'],
  mocks: ['suites', 'scenarios', 'reports'],
  suites: ['scenarios', 'reports'],
  scenarios: ['suites', 'reports'],
  reports: ['fixtures', 'mocks', 'suites', 'scenarios'],
};

const layerRules = Object.entries(layers).map(([layer, forbidden]) => ({
  files: [`${layer}/**/*.ts`],
  // The command line is the composition root: the one place that may see every layer.
  ignores: ['harness/cli/**'],
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: [{ regex: `^(\\.\\./)+(${forbidden.join('|')})/`, message: `${layer} must not import from ${forbidden.join(', ')}` }] },
    ],
  },
}));

export default tseslint.config(
  {
    ignores: ['out/**', 'node_modules/**', 'harness/toolchain/modules/**', 'fixtures/*/generated/**', '**/*.golden*', '**/testdata/**'],
  },
  ...tseslint.configs.strictTypeChecked,
  { languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } } },
  {
    files: ['**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Node strips types only: no enums' },
        {
          selector: "CallExpression[callee.name='setTimeout'][arguments.length=2] > ArrowFunctionExpression[body.callee.name='resolve']",
          message: 'No fixed sleeps',
        },
      ],
    },
  },
  {
    // Options of k6 are declared as classes, and written as objects by everyone, as its own documentation does.
    files: ['**/*.k6.ts'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
  ...layerRules,
  {
    files: ['reports/**/*.ts'],
    ignores: ['reports/**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^(\\.\\./)+harness/', allowTypeImports: true, message: 'reports take types only from harness' }] },
      ],
    },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
);
