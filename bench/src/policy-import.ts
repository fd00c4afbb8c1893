/** Prints how many milliseconds the import of the package takes a fresh process. */
const started = performance.now();
await import('@crossbucket/policy');
process.stdout.write(`${JSON.stringify(performance.now() - started)}\n`);
