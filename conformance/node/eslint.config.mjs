// For all sources in JavaScript around the SDK, with its rules: a copy of `sdks/node/eslint.config.mjs` lies here when it is used.
import rules from './eslint.sdk.mjs';

export default [
  // What the SDK says of files is about CommonJS.
  ...rules.filter(({ files }) => files === undefined),
  { languageOptions: { sourceType: 'module' } },
  // It is as tutorials have it.
  { files: ['examples/node-fastify/server.js'], rules: { 'no-unused-vars': 'off', 'prefer-const': 'off' } },
];
