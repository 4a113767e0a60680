/** A reporter for Node's test runner that says what failed and what is to be known, and not what passed. */

/** @param {AsyncIterable<{ type: string, data: any }>} source */
export default async function* reporter(source) {
  let passed = 0;
  for await (const { type, data } of source) {
    if (type === 'test:diagnostic' && data.nesting > 0) yield `  ${data.message}\n`;
    if (type === 'test:pass' && data.skip) yield `skipped: ${data.name}: ${data.skip}\n`;
    else if (type === 'test:pass' && data.details.type !== 'suite') passed += 1;
    // A suite fails because its tests do.
    if (type === 'test:fail' && data.details.error.failureType !== 'subtestsFailed') {
      const { cause } = data.details.error;
      yield `failed: ${data.name}: ${cause instanceof Error ? cause.stack : String(cause)}\n`;
    }
  }
  yield `${passed} tests passed\n`;
}
