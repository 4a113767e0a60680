import js from '@eslint/js';
import globals from 'globals';

export default [
  { ignores: ['node_modules/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2022, sourceType: 'module', globals: globals.node },
    rules: {
      curly: ['error', 'multi-line'],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-len': ['error', { code: 140, ignoreComments: false, ignoreTemplateLiterals: true }],
      'no-implicit-coercion': 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['page/**'],
    languageOptions: { globals: globals.browser },
    rules: {
      // Texts of guests are never read as HTML.
      'no-restricted-properties': [
        'error',
        ...['innerHTML', 'outerHTML', 'insertAdjacentHTML'].map((property) => ({ property })),
        { object: 'document', property: 'write' },
      ],
    },
  },
  // Parts of it run in the page.
  { files: ['page.test.js'], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
];
