import js from '@eslint/js';
import globals from 'globals';

export default [
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2023, globals: globals.node },
    rules: {
      curly: ['error', 'multi-line'],
      eqeqeq: 'error',
      'max-len': ['error', { code: 140, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreComments: false }],
      'no-implicit-coercion': 'error',
      'no-param-reassign': 'off',
      'no-shadow': ['error', { builtinGlobals: false, hoist: 'functions' }],
      'no-throw-literal': 'error',
      'no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'require-atomic-updates': 'error',
    },
  },
  { files: ['**/*.js', '**/*.cjs'], languageOptions: { sourceType: 'commonjs' }, rules: { strict: ['error', 'global'] } },
  // Tests throw whatever there is to throw.
  { files: ['test/**'], rules: { 'no-throw-literal': 'off' } },
];
